"""Run the users of a load to its end: first no new iterations start, then the rest is cut."""

from __future__ import annotations

import asyncio
from math import inf
from time import perf_counter
from typing import Any

from msgspec import Struct

from ..measure.stats import Stats
from ..stop import Stop
from .driver import Driver
from .gate import Gate
from .shape import Load


class UsersRun(Struct, frozen=True):
    """The time in which users run iterations."""

    load: Load
    stop: Stop
    stats: Stats
    gate: Gate

    async def run(self, driver: Driver[Any]) -> None:
        """Run the users until one of the ends is reached, then let running iterations finish."""
        began_at = perf_counter()
        driving = asyncio.create_task(driver.drive(began_at))
        stopping = asyncio.create_task(self.stop.requested())
        try:
            ends_at = inf if self.load.most_seconds is None else began_at + self.load.most_seconds
            await _first_of(driving, stopping, until=ends_at)
            if not self.stop.is_requested:
                driver.finish_starts()
            self.stop.request(self._reason(driving.done()))
            self.gate.resume()
            await self._drain(driving)
        finally:
            driver.cut()
            tasks = (driving, stopping, *driver.tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _reason(self, all_done: bool) -> str:
        most = self.load.most_seconds
        is_over = most is not None and self.stats.elapsed() >= most
        if all_done and not is_over and self.load.iterations_asked is not None:
            return "iterations"
        own = self.load.shape.seconds
        return "duration" if own is None or own != self.load.seconds else "stages"

    async def _drain(self, driving: asyncio.Task[None]) -> None:
        forced = asyncio.create_task(self.stop.forced())
        try:
            await asyncio.wait(
                (driving, forced),
                timeout=self.load.graceful_stop,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            forced.cancel()
        if driving.done():
            driving.result()


async def _first_of(*tasks: asyncio.Task[Any], until: float) -> None:
    """Wait until a task has ended, or until a moment (perf_counter), never less."""
    left = until - perf_counter()
    # uvloop's clock stands still while the loop works, so a timer may fire before its time.
    while left > 0 and not any(task.done() for task in tasks):
        timeout = None if left == inf else left
        await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        left = until - perf_counter()
