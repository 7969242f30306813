"""A deadline calls back when a wait takes too long; all of a run share one timer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from itertools import count
from math import inf
from time import perf_counter

_TICK = 0.001  # uvloop's timers count in whole milliseconds
_FEW = 64


class Deadlines:
    """Rings deadlines when they are due, by one timer: one for each user would cost half a KB."""

    __slots__ = ("_dropped", "_due", "_loop", "_number", "_rings_at", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        # A heap. Deadlines that were moved to an earlier time leave their entries behind.
        self._due: list[tuple[float, int, Deadline]] = []
        self._dropped = 0
        self._number = count()
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = inf

    def add(self, deadline: Deadline) -> None:
        """Ring this deadline when it is due."""
        heappush(self._due, (deadline.due, next(self._number), deadline))
        self._arm()

    def drop(self) -> None:
        """Note that a deadline that was added is no longer due then."""
        self._dropped += 1
        if self._dropped > max(_FEW, len(self._due) // 2):
            self._due[:] = [one for one in self._due if one[0] == one[2].due]
            heapify(self._due)
            self._dropped = 0

    def _arm(self) -> None:
        """Set the timer to the earliest entry, if it would ring later."""
        if not self._due or self._due[0][0] >= self._rings_at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._rings_at = self._due[0][0]
        wait = self._rings_at - perf_counter() + _TICK
        self._timer = self._loop.call_later(wait, self._ring)

    def _ring(self) -> None:
        self._timer, self._rings_at = None, inf
        now = perf_counter()
        try:
            while self._due and self._due[0][0] <= now:
                due, _, deadline = heappop(self._due)
                if due == deadline.due:
                    deadline.ring(now)
                else:
                    self._dropped -= 1
        finally:
            self._arm()


class Deadline:
    """Calls `on_over` once if the wait is not cleared in time.

    With the usual long timeout it rings once in that time, however often it was set. `at` is the
    moment, and `due` when it rings next, by `perf_counter`; infinite while none is set. uvloop's
    own clock stands still while the loop is at work: a timeout would be early.
    """

    __slots__ = ("_deadlines", "_on_over", "at", "due")

    def __init__(self, deadlines: Deadlines, on_over: Callable[[], None]) -> None:
        self._deadlines = deadlines
        self._on_over = on_over
        self.at = self.due = inf

    def set(self, seconds: float) -> None:
        """Begin a wait of at most this many seconds."""
        self.move(perf_counter() + seconds)

    def move(self, at: float) -> None:
        """Begin a wait that is over at this moment."""
        self.at = at
        if self.due > at + _TICK:
            self._leave()
            self._be_due(at)

    def clear(self) -> None:
        """End the wait."""
        self.at = inf

    def close(self) -> None:
        """Drop the callback, too."""
        self._on_over = _ignore
        self.at = inf
        self._leave()

    def ring(self, now: float) -> None:
        """End the wait, or go on waiting if it was moved."""
        self.due = inf
        if self.at == inf:
            return
        if now < self.at:
            self._be_due(self.at)
        else:
            self._on_over()

    def _be_due(self, due: float) -> None:
        self.due = due
        self._deadlines.add(self)

    def _leave(self) -> None:
        if self.due != inf:
            self.due = inf
            self._deadlines.drop()


def _ignore() -> None:
    pass
