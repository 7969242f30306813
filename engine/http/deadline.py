"""A deadline calls back when a wait takes too long; it moves one timer instead of making many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf
from time import perf_counter

_TICK = 0.001  # uvloop's timers count in whole milliseconds


class Deadline:
    """Calls `on_over` once if the wait is not cleared in time.

    With the usual long timeout the timer fires once in that time, however often it was set.
    `at` is the moment, and `due` when the timer fires next, by `perf_counter`; infinite while none
    is set. uvloop's own clock stands still while the loop is at work: a timeout would be early.
    """

    __slots__ = ("_loop", "_on_over", "_timer", "at", "due")

    def __init__(self, loop: asyncio.AbstractEventLoop, on_over: Callable[[], None]) -> None:
        self._loop = loop
        self._on_over = on_over
        self._timer: asyncio.TimerHandle | None = None
        self.at = self.due = inf

    def set(self, seconds: float) -> None:
        """Begin a wait of at most this many seconds."""
        self.move(perf_counter() + seconds)

    def move(self, at: float) -> None:
        """Begin a wait that is over at this moment."""
        self.at = at
        if self.due > at + _TICK:
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
            self._timer, self.due = None, inf

    def _arm(self, due: float) -> None:
        self.due = due
        self._timer = self._loop.call_later(due - perf_counter() + _TICK, self._look)

    def _look(self) -> None:
        self._timer, self.due = None, inf
        if self.at == inf:
            return
        if perf_counter() < self.at:
            self._arm(self.at)
        else:
            self._on_over()


def _ignore() -> None:
    pass
