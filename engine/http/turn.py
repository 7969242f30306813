"""A turn hands on the responses that one turn of the event loop has read, once all are read.

So the moment at which a response came is taken before the work on those that came before it.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from ..errors import StepFailed
from .response import Response


class Waiter(Protocol):
    """Waits for one response, as a future does."""

    def done(self) -> bool: ...

    def set_result(self, response: Response, /) -> None: ...

    def set_exception(self, failure: StepFailed, /) -> None: ...


class Taker(Protocol):
    """Takes a response, and works on it at once."""

    def take(self, response: Response, /) -> None: ...


class Turn:
    """Collects responses with their takers in `arrived`; call `begin` before the first."""

    __slots__ = ("arrived", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.arrived: list[tuple[Taker, Response]] = []

    def begin(self) -> None:
        self.loop.call_soon(self._hand_on)

    def _hand_on(self) -> None:
        arrived, self.arrived = self.arrived, []
        for taker, response in arrived:
            taker.take(response)
