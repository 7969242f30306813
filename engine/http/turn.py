"""A turn hands on what one turn of the event loop has read, once all is read.

So the moment at which a response came is noted before the work on those that came before it.
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol, TypeVar

from ..errors import StepFailed

Arrived = TypeVar("Arrived", contravariant=True)


class Waiter(Protocol[Arrived]):
    """Waits for one response, or for the next message, as a future does."""

    def done(self) -> bool: ...

    def set_result(self, arrived: Arrived, /) -> None: ...

    def set_exception(self, failure: StepFailed, /) -> None: ...


class Taker(Protocol[Arrived]):
    """Takes what has arrived for it, a response or a message, and works on it at once."""

    def take(self, arrived: Arrived, /) -> None: ...


class Turn:
    """Collects what arrives, with its taker; where time is short, `add` is done by the caller."""

    __slots__ = ("arrived", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.arrived: list[tuple[Taker[Any], Any]] = []

    def add(self, taker: Taker[Arrived], arrived: Arrived) -> None:
        """Hand this on when all that this turn of the loop has read is there."""
        if not self.arrived:
            self.begin()
        self.arrived.append((taker, arrived))

    def begin(self) -> None:
        self.loop.call_soon(self._hand_on)

    def _hand_on(self) -> None:
        arrived, self.arrived = self.arrived, []
        for taker, what in arrived:
            taker.take(what)
