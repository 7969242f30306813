"""Push the numbers of a run to another server, from time to time and at its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress


class Pusher:
    """Calls `push` again and again, the last time with True. Its failures never end the run:
    the first one is logged, the others are counted.
    """

    def __init__(
        self,
        url: str,
        every: float,
        push: Callable[[bool], Awaitable[None]],
        warn: Callable[[str], None],
    ) -> None:
        self._url = url
        self._every = every
        self._push = push
        self._warn = warn
        self._is_over = asyncio.Event()
        self._pushes = self._failures = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Push while the body of the `with` runs, and once more after it."""
        task = asyncio.create_task(self._push_on())
        try:
            yield
        finally:
            self._is_over.set()
            await task
        if self._failures > 1:
            self._warn(f"{self._failures} of {self._pushes} pushes to {self._url} failed")

    async def _push_on(self) -> None:
        # The task is not cancelled at the end: the thread of a push that is under way would go
        # on, and its older numbers could arrive after the last ones.
        is_last = False
        while not is_last:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_over.wait(), self._every)
            is_last = self._is_over.is_set()
            await self._try(is_last)

    async def _try(self, is_last: bool) -> None:
        self._pushes += 1
        try:
            await self._push(is_last)
        except Exception as error:  # whatever the other server or a library makes of its answer
            self._failures += 1
            if self._failures == 1:
                self._warn(f"cannot push to {self._url}: {str(error) or type(error).__name__}")
