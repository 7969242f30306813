"""A deadline calls back when a wait takes too long; it moves one timer instead of making many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf

_SLACK = 0.001


class Deadline:
    """Calls `on_over` once if the wait is not cleared in time.

    With the usual long timeout the timer fires once in that time, however often it was set.
    `at` is the moment, by the clock of the loop; infinite while none is set.
    """

    __slots__ = ("_due", "_loop", "_on_over", "_timer", "at")

    def __init__(self, loop: asyncio.AbstractEventLoop, on_over: Callable[[], None]) -> None:
        self._loop = loop
        self._on_over = on_over
        self._timer: asyncio.TimerHandle | None = None
        self.at = self._due = inf

    def set(self, seconds: float) -> None:
        """Begin a wait of at most this many seconds."""
        self.at = at = self._loop.time() + seconds
        if self._due > at + _SLACK:
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
        self._timer = self._loop.call_at(due, self._look)

    def _look(self) -> None:
        self._timer, self._due = None, inf
        if self.at == inf:
            return
        if self._loop.time() < self.at - _SLACK:
            self._arm(self.at)
        else:
            self._on_over()


def _ignore() -> None:
    pass
