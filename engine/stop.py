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
    return await before(stop.requested(), work)


async def unless_forced(work: Coroutine[Any, Any, None], stop: Stop, seconds: float | None) -> bool:
    """Await the work; cut it after some seconds or when the stop is forced, and return False."""
    if stop.is_forced:
        work.close()
        return False
    try:
        await before(stop.forced(), work, seconds)
    except Stopped:
        return False
    return True


async def before(
    ending: Coroutine[Any, Any, None], work: Coroutine[Any, Any, T], seconds: float | None = None
) -> T:
    """Await the work and return its result.

    If the ending comes first, or some seconds are over, cancel the work and raise Stopped.
    """
    working, coming = asyncio.create_task(work), asyncio.create_task(ending)
    try:
        await asyncio.wait((working, coming), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise Stopped
    finally:
        working.cancel()
        coming.cancel()
        await asyncio.gather(working, coming, return_exceptions=True)
