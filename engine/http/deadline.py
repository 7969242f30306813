"""A moment by which something has to have come: one timer, moved rather than made anew."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf

_SLACK = 0.001


class Deadline:
    """Calls `on_over` once when the moment that was set has passed and was not cleared.

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
        """Begin a wait that may last so long."""
        self.at = at = self._loop.time() + seconds
        if self._due > at + _SLACK:
            if self._timer is not None:
                self._timer.cancel()
            self._arm(at)

    def clear(self) -> None:
        """What was waited for has come."""
        self.at = inf

    def close(self) -> None:
        """Let go of the timer, and of who wanted to be called."""
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
