"""The page that shows a load test in browsers while it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from boomtalk.engine.export.address import Address
from boomtalk.engine.live_page.feed import Feed
from boomtalk.engine.live_page.server import served
from boomtalk.engine.load.load_run import LoadRun

from .log import Log
from .steering import actions


@asynccontextmanager
async def live_page(where: str, run: LoadRun, log: Log) -> AsyncIterator[Feed]:
    """Serve the page, log its address, and yield what feeds it; raises UsageError."""
    address = Address.of(where)
    feed = Feed(run.load.warmup, lambda: run.state)
    async with served(address, feed, actions(run, " of the live page")) as url:
        log.show(f"live page: {url}")
        if not address.is_local:
            log.warn("everybody who knows that address can watch and stop this load")
        yield feed
