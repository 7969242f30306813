"""A line is one connection as the agent of a user sees it, whichever HTTP is spoken on it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import Protocol

from ..errors import StepFailed
from .aiohttp_names import Connection
from .multipart import Multipart
from .response import Response
from .turn import Waiter


class NotTaken(StepFailed):
    """The server leaves in good order (GOAWAY without an error) and has not taken the request.

    Another connection may take it (RFC 9113, 6.8). One more is tried.
    """


class Line(Protocol):
    """Carries one exchange at a time: a `Channel` for HTTP/1.1, or an `Http2Channel`.

    One that `is_spent` carries no further exchange. A line without a `transport` takes the long
    way through the agent, which opens it again if the server did not take a request.
    """

    @property
    def is_open(self) -> bool: ...

    @property
    def is_spent(self) -> bool: ...

    @property
    def sent_at(self) -> float: ...

    @property
    def finished_at(self) -> float: ...

    @property
    def transport(self) -> asyncio.Transport | None: ...

    @property
    def connection(self) -> Connection | None:
        """What gives a shared connection back to its pool; None for one of a user's own."""

    def ask(self, data: bytes, body: bool, waiter: Waiter[Response]) -> None:
        """Write one request, whose response or StepFailed goes to the waiter."""

    def exchange(self, data: bytes, body: bool) -> Awaitable[Response]:
        """Write one request, and return what gives its response, or raises StepFailed."""

    def exchange_form(self, data: bytes, form: Multipart, body: bool) -> Awaitable[Response]:
        """Write one request whose body is a form, and return what gives its response."""

    def abandon(self, failure: StepFailed | None = None) -> None:
        """Give up the exchange, and fail the caller that still waits for its response."""

    def shut(self, abort: bool = False) -> None:
        """Close the connection."""


async def form_answered(
    line: Line, writing: Awaitable[None], waiter: Awaitable[Response]
) -> Response:
    """Await what writes a form, then the response; if the form fails, give up the exchange."""
    try:
        # A lost connection has failed the waiter too, with a better reason.
        with suppress(ConnectionError):
            await writing
    except StepFailed as failure:
        line.abandon(failure)
    return await waiter
