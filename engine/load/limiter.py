"""A stream of permits, smooth and shared by all users."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter

from .shape import spacing


class Limiter:
    """Lets at most `rate(elapsed)` per second pass; who waits is served in order."""

    def __init__(self, rate: Callable[[float], float]) -> None:
        self._rate = rate
        self._began_at = perf_counter()
        self._last = self._began_at

    async def take(self) -> None:
        """Wait for the next permit."""
        now = perf_counter()
        self._last = due_at = spacing(self._rate(now - self._began_at), self._last, now)
        if due_at > now:
            await asyncio.sleep(due_at - now)
