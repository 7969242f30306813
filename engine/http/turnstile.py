"""A turnstile lets few connections be set up at the same time, as long as that is quick.

When thousands of users start at once, the memory for setting up their connections would lie
between what the users keep: 8,000 users then have 50 MB more, spread over the whole heap. And each
connection would take as long as all of them together.
"""

from __future__ import annotations

import asyncio

_PLACES = 200
# The wait for a distant server needs no CPU time. So 10,000 connections per second may begin,
# however long each takes, which is more than one core can set up.
_LONGEST = 0.02


class Turnstile:
    """Gives places to connections that are being set up."""

    __slots__ = ("_loop", "_places")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._places = asyncio.Semaphore(_PLACES)

    async def enter(self) -> Place:
        """Wait for a place in the order of the calls; `leave` it when the connection is open."""
        await self._places.acquire()
        return Place(self._places, self._loop)


class Place:
    """A place in the turnstile. It is given up by `leave`, and by itself after a moment."""

    __slots__ = ("_places", "_timer")

    def __init__(self, places: asyncio.Semaphore, loop: asyncio.AbstractEventLoop) -> None:
        self._places: asyncio.Semaphore | None = places
        self._timer = loop.call_later(_LONGEST, self.leave)

    def leave(self) -> None:
        places, self._places = self._places, None
        if places is not None:
            self._timer.cancel()
            places.release()
