"""A turnstile lets few connections be set up at the same time, as long as that is quick.

When thousands of users start at once, the memory for setting up their connections would lie
between what the users keep: 8,000 users then have 50 MB more, spread over the whole heap. And each
connection would take as long as all of them together.
"""

from __future__ import annotations

import asyncio
from collections import deque
from time import perf_counter

_PLACES = 200
# The wait for a distant server needs no CPU time. So 10,000 connections per second may begin,
# however long each takes, which is more than one core can set up.
_LONGEST = 0.02
# uvloop's timers count whole milliseconds: a shorter one would call at once, again and again.
_SHORTEST = 0.001

Place = object


class Turnstile:
    """Gives places to connections that are being set up, in the order of the calls.

    A place is given up by `leave`, and by itself after a moment if somebody waits for one.
    """

    __slots__ = ("_inside", "_loop", "_timer", "_waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        # When each place was taken (perf_counter), the oldest first.
        self._inside: dict[Place, float] = {}
        self._waiting: deque[asyncio.Future[Place]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def enter(self) -> Place | None:
        """Take a free place; None if there is none, then `wait` for one."""
        if self._waiting or len(self._inside) >= _PLACES:
            return None
        return self._take()

    async def wait(self) -> Place:
        """Wait for a place."""
        waiter: asyncio.Future[Place] = self._loop.create_future()
        self._waiting.append(waiter)
        if self._timer is None:
            self._end_old()
        return await waiter

    def leave(self, place: Place) -> None:
        """Give up a place, if it is not given up already."""
        if self._inside.pop(place, None) is not None and self._waiting:
            self._admit()

    def _take(self) -> Place:
        place = object()
        self._inside[place] = perf_counter()
        return place

    def _admit(self) -> None:
        while self._waiting and len(self._inside) < _PLACES:
            waiter = self._waiting.popleft()
            if not waiter.done():  # its caller was cancelled meanwhile
                waiter.set_result(self._take())

    def _end_old(self) -> None:
        """Give up the places that were held for too long, and look again at the next one's end."""
        self._timer = None
        now = perf_counter()
        while self._inside and now - self._inside[oldest := next(iter(self._inside))] >= _LONGEST:
            del self._inside[oldest]
        self._admit()
        if self._waiting:
            left = next(iter(self._inside.values())) + _LONGEST - now
            self._timer = self._loop.call_later(max(left, _SHORTEST), self._end_old)
