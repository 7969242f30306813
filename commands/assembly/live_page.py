"""The page that shows a load test in browsers while it runs."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import count

from boomtalk.engine.export.address import Address
from boomtalk.engine.live_page.feed import Feed
from boomtalk.engine.live_page.server import served
from boomtalk.engine.load.load_run import LoadRun

from .log import Log


@asynccontextmanager
async def live_page(where: str, run: LoadRun, log: Log) -> AsyncIterator[Feed]:
    """Serve the page, log its address, and yield what feeds it; raises UsageError."""
    address = Address.of(where)
    feed = Feed(run.load.warmup, lambda: run.state)
    async with served(address, feed, _actions(run)) as url:
        log.show(f"live page: {url}")
        if not address.is_local:
            log.warn("everybody who knows that address can watch and stop this load")
        yield feed


def _actions(run: LoadRun) -> Mapping[str, Callable[[], None]]:
    """Return what the buttons do: the same as the keys of the live table, and so in the report."""
    marks = count(1)
    tenth = max(1, run.load.users // 10)
    return {
        "stop": lambda: signal.raise_signal(signal.SIGINT),
        "pause": run.toggle_pause,
        "more": lambda: run.add_users(tenth),
        "fewer": lambda: run.add_users(-tenth),
        "mark": lambda: run.mark(f"mark {next(marks)} of the live page"),
    }
