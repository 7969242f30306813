"""Provide an event loop with virtual time, which passes only in sleeps or when a test spends it."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop that never waits: a sleep ends at once and moves the clock by its seconds."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self._now

    def spend(self, seconds: float) -> None:
        """Move the clock now, like a call that blocks the loop for this time."""
        self._now += seconds


class _Selector(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if not events:
            assert timeout is not None, "everything waits for something that never comes"
            self._loop.spend(max(0.0, timeout))
        return events


def run_virtually(story: Coroutine[Any, Any, None], loop: VirtualLoop) -> None:
    """Run a coroutine to its end on this loop."""
    try:
        loop.run_until_complete(story)
    finally:
        loop.close()
