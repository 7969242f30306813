"""What a person at the terminal sees and may press while a load test runs."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from .keys import can_read_keys, keys_pressed
from .voices import Screen

if TYPE_CHECKING:
    from boomtalk.engine import Run
    from boomtalk.engine.report.live import LiveScreen
    from boomtalk.engine.shards.sharded_run import ShardedRun
    from rich.console import Console


@asynccontextmanager
async def watched(
    run: Run | ShardedRun, title: str, wish: Screen, console: Console, save: Callable[[int], None]
) -> AsyncIterator[None]:
    """Show the run while it lasts: a live table on a terminal, else a line now and then.

    `save` writes the numbers of the moment, under the number it is given.
    """
    from boomtalk.engine.output.terminal import say
    from boomtalk.engine.report.live import LiveScreen, Sources, show_lines, show_live

    if wish.quiet:
        yield
        return
    has_keys = console.is_terminal and can_read_keys()
    screen = LiveScreen(
        Sources(
            snapshot=run.snapshot,
            plugins=run.plugins.snapshots,
            health=run.health.snapshot,
            state=lambda: run.state,
            load=run.load,
            title=title,
            has_keys=has_keys,
        )
    )
    if console.is_terminal:
        showing = asyncio.create_task(show_live(screen, console))
    else:
        showing = asyncio.create_task(show_lines(screen, partial(say, console.file)))
    try:
        with keys_pressed(_keys(run, screen, save)) if has_keys else nullcontext():
            yield
    finally:
        showing.cancel()
        (error,) = await asyncio.gather(showing, return_exceptions=True)
        if isinstance(error, Exception):
            say(sys.stderr, f"warning: the screen broke: {type(error).__name__}: {error}")


def _keys(
    run: Run | ShardedRun, screen: LiveScreen, save: Callable[[int], None]
) -> Mapping[str, Callable[[], None]]:
    """Return what each key does; what changes the run stands in the report as a mark."""
    from boomtalk.engine.report.frame import View

    marks, snapshots = count(1), count(1)
    tenth = max(1, run.load.users // 10)
    return {
        "q": lambda: signal.raise_signal(signal.SIGINT),
        "p": run.toggle_pause,
        "+": lambda: run.add_users(tenth),
        "-": lambda: run.add_users(-tenth),
        "m": lambda: run.stats.mark(f"mark {next(marks)}"),
        "h": lambda: screen.toggle(View.HEAT),
        "f": lambda: screen.toggle(View.FAILURES),
        "s": lambda: save(next(snapshots)),
    }
