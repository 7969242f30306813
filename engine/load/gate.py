"""Hold back new iterations while a run is paused."""

from __future__ import annotations

import asyncio
from time import perf_counter


class Gate:
    """Blocks new iterations while the run is paused; running ones finish."""

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
        """Wait until the gate is open; return how many seconds that took."""
        if self._open.is_set():
            return 0.0
        began_at = perf_counter()
        await self._open.wait()
        return perf_counter() - began_at
