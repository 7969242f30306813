"""Limit the rate of requests or iterations over all users."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter

from .shape import spacing


class Limiter:
    """Lets at most `rate(elapsed)` per second pass, evenly spaced; waiting users pass in order."""

    def __init__(self, rate: Callable[[float], float]) -> None:
        self._rate = rate
        self._began_at = perf_counter()
        self._last = self._began_at

    async def take(self) -> None:
        """Wait for the next permit."""
        now = perf_counter()
        # The place in the queue is taken before the wait: no lock is needed and order is kept.
        self._last = due_at = spacing(self._rate(now - self._began_at), self._last, now)
        if due_at > now:
            await asyncio.sleep(due_at - now)
