"""End a run in two steps: first no new iterations start, then the running ones are cut."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Stopped(Exception):
    """The run was stopped before this work was done."""


class Stop:
    """The two moments of an end, and the reason for it.

    `reason` is the `stopped_by` of the report; the first request sets it.
    """

    def __init__(self) -> None:
        self.reason: str | None = None
        self.signal: int | None = None
        self.is_requested = False
        self._requested = asyncio.Event()
        self._forced = asyncio.Event()

    def request(self, reason: str) -> None:
        """Ask for the end: no new iterations start, running ones get the grace period."""
        if self.reason is None:
            self.reason = reason
        self.is_requested = True
        self._requested.set()

    def force(self) -> None:
        """Cut running iterations at once."""
        self._forced.set()

    @property
    def is_forced(self) -> bool:
        return self._forced.is_set()

    async def requested(self) -> None:
        await self._requested.wait()

    async def forced(self) -> None:
        await self._forced.wait()

    def on_signal(self, number: int) -> None:
        """Take a signal: the first one requests the stop, the next one forces it."""
        if self.signal is not None:
            self.force()
        self.signal = self.signal or number
        self.request("signal")


async def unless_stopped(work: Coroutine[Any, Any, T], stop: Stop) -> T:
    """Await the work and return its result; cancel it and raise Stopped if the stop comes first."""
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.requested())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
    if working.done():
        return working.result()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    raise Stopped


async def unless_forced(work: Coroutine[Any, Any, None], stop: Stop, seconds: float | None) -> bool:
    """Await the work; cut it after some seconds or when the stop is forced, and return False."""
    if stop.is_forced:
        work.close()
        return False
    working, forced = asyncio.create_task(work), asyncio.create_task(stop.forced())
    try:
        await asyncio.wait((working, forced), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
            return True
        return False
    finally:
        for task in (working, forced):
            task.cancel()
        await asyncio.gather(working, forced, return_exceptions=True)
