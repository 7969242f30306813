"""The screen and the keys of a running load test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from itertools import count

from boomtalk.engine.load.load_run import LoadRun
from boomtalk.engine.output.streams import say
from boomtalk.engine.report.live import LiveScreen, can_show_live, show_lines, show_live
from boomtalk.engine.report.view import Order, Panel
from rich.console import Console

from .keys import can_read_keys, keys_pressed
from .log import Log
from .steering import actions


@asynccontextmanager
async def watched(
    run: LoadRun, title: str, console: Console, save: Callable[[int], None], log: Log
) -> AsyncIterator[None]:
    """Show the run while it lasts: a live screen on a terminal, else a line now and then.

    `save` is called with the number of the snapshot that a key asks for.
    """
    has_keys = can_show_live(console) and can_read_keys()
    screen = LiveScreen(run, title, has_keys)
    if can_show_live(console):
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
            log.warn(f"the screen broke: {type(error).__name__}: {error}")


def _keys(
    run: LoadRun, screen: LiveScreen, save: Callable[[int], None]
) -> Mapping[str, Callable[[], None]]:
    """Return the action of each key."""
    steer, snapshots = actions(run), count(1)
    return {
        "q": steer["stop"],
        "p": steer["pause"],
        "+": steer["more"],
        "-": steer["fewer"],
        "m": steer["mark"],
        "s": lambda: save(next(snapshots)),
        **_view_keys(screen),
    }


def _view_keys(screen: LiveScreen) -> Mapping[str, Callable[[], None]]:
    orders = {f"{number}": partial(screen.sort, order) for number, order in enumerate(Order, 1)}
    return {
        **orders,
        "o": screen.sort_next,
        ">": screen.sort_next,
        "<": partial(screen.sort_next, -1),
        "h": partial(screen.toggle, Panel.HEAT),
        "f": partial(screen.toggle, Panel.FAILURES),
        "?": partial(screen.toggle, Panel.KEYS),
        "up": partial(screen.scroll, -1),
        "down": partial(screen.scroll, 1),
        "page up": partial(screen.scroll_pages, -1),
        "page down": partial(screen.scroll_pages, 1),
        "home": partial(screen.scroll_to_end, -1),
        "end": partial(screen.scroll_to_end, 1),
    }
