"""Keep what the `once: user` steps of a case gave to one user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from ..http.agent import Agent
from ..http.cookies import Cookies
from ..http.websocket import WebSocket


class Given(Struct, frozen=True):
    """The values that one step extracted, and the websockets that it opened."""

    values: Mapping[str, Any]
    sockets: Mapping[str, WebSocket]


class Memory(Struct):
    """What one user keeps of one case from one iteration to the next.

    `given` is in the order in which the steps ran, `cookies` are those after the last of them.
    `left_out` is the time that these steps took in the current iteration, in seconds.
    """

    given: dict[object, Given] = field(default_factory=dict)
    cookies: Cookies | None = None
    left_out: float = 0.0

    def begin(self, agent: Agent, sockets: dict[str, WebSocket]) -> None:
        """Begin an iteration: give back cookies and connections."""
        self.left_out = 0.0
        self._forget_from_closed()
        for one in self.given.values():
            sockets.update(one.sockets)
        if self.cookies is not None:
            agent.recall_cookies(self.cookies)

    def _forget_from_closed(self) -> None:
        """Forget a step whose connection is closed, and those after it, which may have used it."""
        is_lost = False
        for step, one in list(self.given.items()):
            is_lost = is_lost or not all(socket.is_open for socket in one.sockets.values())
            if is_lost:
                self.given.pop(step)
                for socket in one.sockets.values():
                    socket.abort()

    def keeps(self, socket: WebSocket) -> bool:
        """Return whether the connection stays open after the iteration."""
        return any(socket in one.sockets.values() for one in self.given.values())

    def drop(self) -> None:
        """Cut all kept connections."""
        for one in self.given.values():
            for socket in one.sockets.values():
                socket.abort()
