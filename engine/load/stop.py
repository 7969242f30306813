"""How a run ends: first no new iterations, then nothing at all."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stop:
    """The two moments of an end, and who asked for it.

    `reason` is the `stopped_by` of the report; the first one to ask is remembered.
    """

    def __init__(self) -> None:
        self.reason: str | None = None
        self.signal: int | None = None
        self.is_requested = False
        self._requested = asyncio.Event()
        self._forced = asyncio.Event()

    def request(self, reason: str) -> None:
        """Start no new iterations; what is under way gets the grace period."""
        if self.reason is None:
            self.reason = reason
        self.is_requested = True
        self._requested.set()

    def force(self) -> None:
        """Cut what is under way at once."""
        self._forced.set()

    async def requested(self) -> None:
        await self._requested.wait()

    async def forced(self) -> None:
        await self._forced.wait()

    def on_signal(self, number: int) -> None:
        """Take a signal: the first one asks, the next one forces."""
        if self.signal is not None:
            self.force()
        self.signal = self.signal or number
        self.request("signal")


@contextmanager
def stopped_by_signals(stop: Stop, announce: Callable[[], None]) -> Iterator[None]:
    """Turn SIGINT, SIGTERM and SIGHUP into requests to stop while the block runs.

    `announce` is called at the first one.
    """

    def take(number: int) -> None:
        if stop.signal is None:
            announce()
        stop.on_signal(number)

    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, take, number)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
