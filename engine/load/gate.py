"""Holds iterations back while a run is paused."""

from __future__ import annotations

import asyncio
from time import perf_counter


class Gate:
    """Open unless paused; who has begun an iteration ends it."""

    def __init__(self) -> None:
        self.is_open = True
        self._open = asyncio.Event()
        self._open.set()

    def pause(self) -> None:
        self.is_open = False
        self._open.clear()

    def resume(self) -> None:
        self.is_open = True
        self._open.set()

    async def passed(self) -> float:
        """Wait until the gate is open; return the seconds that took."""
        if self._open.is_set():
            return 0.0
        began_at = perf_counter()
        await self._open.wait()
        return perf_counter() - began_at
