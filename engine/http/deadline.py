"""A deadline calls back when a wait takes too long; it moves one timer instead of making many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf
from time import monotonic

_TICK = 0.001  # uvloop's timers count in whole milliseconds


class Deadline:
    """Calls `on_over` once if the wait is not cleared in time.

    With the usual long timeout the timer fires once in that time, however often it was set.
    `at` is the moment, by `time.monotonic`; infinite while none is set. `loop.time()` has the same
    origin, but uvloop's stands still while the loop is at work, which would make a timeout early.
    """

    __slots__ = ("_due", "_loop", "_on_over", "_timer", "at")

    def __init__(self, loop: asyncio.AbstractEventLoop, on_over: Callable[[], None]) -> None:
        self._loop = loop
        self._on_over = on_over
        self._timer: asyncio.TimerHandle | None = None
        self.at = self._due = inf

    def set(self, seconds: float) -> None:
        """Begin a wait of at most this many seconds."""
        self.at = at = monotonic() + seconds
        if self._due > at + _TICK:
            if self._timer is not None:
                self._timer.cancel()
            self._arm(at)

    def clear(self) -> None:
        """End the wait."""
        self.at = inf

    def close(self) -> None:
        """Drop the timer and the callback."""
        self._on_over = _ignore
        if self._timer is not None:
            self._timer.cancel()
            self._timer, self._due = None, inf

    def _arm(self, due: float) -> None:
        self._due = due
        self._timer = self._loop.call_at(due + _TICK, self._look)

    def _look(self) -> None:
        self._timer, self._due = None, inf
        if self.at == inf:
            return
        if monotonic() < self.at:
            self._arm(self.at)
        else:
            self._on_over()


def _ignore() -> None:
    pass
