"""A channel writes requests to one connection, and gives each response to who waits for it.

To the connector it is aiohttp's client protocol, and aiohttp may use it to speak to a proxy first.
Once the channel is taken, everything that arrives goes to our own reader.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol, cast

from ..errors import StepFailed
from .aiohttp_names import Connection, ResponseHandler
from .head import Heads
from .line import form_answered
from .multipart import Multipart
from .reader import ResponseReader
from .response import Response
from .turn import Waiter

_NOTHING: deque[Any] = deque(maxlen=0)


@dataclass(slots=True)
class Wire:
    """Counts the traffic of a run. `requests` are request heads, redirects included."""

    requests: int = 0
    redirects: int = 0
    bytes_out: int = 0
    bytes_in: int = 0
    connections_opened: int = 0


class Receiver(Protocol):
    """Takes what arrives on a connection after a switch to another protocol."""

    def feed(self, data: bytes) -> None: ...

    def lose(self) -> None:
        """Note that the connection is lost."""


class Channel(ResponseHandler):
    """One connection of one user; it carries one exchange at a time.

    One that `is_spent` carries no further exchange: the next one needs another connection.
    """

    # Quicker to reach than in the dict of the base class.
    __slots__ = (
        "_is_held",
        "_is_ours",
        "_pending",
        "_reader",
        "_receiver",
        "_wire",
        "connection",
        "finished_at",
        "is_spent",
        "sent_at",
    )

    def __init__(
        self, loop: asyncio.AbstractEventLoop, wire: Wire, max_body: int, heads: Heads
    ) -> None:
        super().__init__(loop)
        self._wire = wire
        self._reader = ResponseReader(max_body, heads)
        self._pending: Waiter[Response] | None = None
        self._receiver: Receiver | None = None
        self._is_ours = self._is_held = self.is_spent = False
        self.connection: Connection | None = None
        self.sent_at = 0.0
        self.finished_at = 0.0

    def take(self, connection: Connection | None = None) -> None:
        """Take the connection over from the connector, which knows it if it may be shared."""
        self.connection = connection
        self._is_ours = True
        # Nothing is queued for aiohttp any more, and an empty deque has 700 bytes.
        self._buffer = _NOTHING

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Without aiohttp's TCP_NODELAY: event loops set it themselves.
        self.transport = cast(asyncio.Transport, transport)

    @property
    def is_open(self) -> bool:
        """Whether the connection is open, as far as this side knows."""
        transport = self.transport
        return transport is not None and not transport.is_closing()

    def exchange(self, data: bytes, body: bool) -> asyncio.Future[Response]:
        """Write one request; the future resolves to its response, or a StepFailed.

        `body` says whether the response may have one.
        """
        waiter: asyncio.Future[Response] = self._loop.create_future()
        self.ask(data, body, waiter)
        return waiter

    def ask(self, data: bytes, body: bool, waiter: Waiter[Response]) -> None:
        """Write one request, whose response or StepFailed goes to the waiter."""
        if not (body and self._reader.is_fresh):
            self._reader.expect(body)
        transport = self.transport
        assert transport is not None
        self._pending = waiter
        wire = self._wire
        wire.requests += 1
        wire.bytes_out += len(data)
        self.sent_at = perf_counter()
        transport.write(data)

    async def exchange_form(self, data: bytes, form: Multipart, body: bool) -> Response:
        """Write head and form, no faster than the server takes them, and await the response.

        A server that answers before it has read everything gets no more of it.
        """
        waiter = self.exchange(data, body)
        return await form_answered(self, self._write(form, waiter), waiter)

    async def _write(self, form: Multipart, waiter: asyncio.Future[Response]) -> None:
        async for chunk in form.chunks():
            if waiter.done() or self.transport is None:
                self._spend()
                return
            self.write(chunk)
            await self.drained()

    def write(self, data: bytes) -> bool:
        """Write more than a request head; returns whether the peer has room for more.

        Raises ConnectionError on a closed connection.
        """
        if (transport := self.transport) is None or transport.is_closing():
            raise ConnectionError("closed")
        self._wire.bytes_out += len(data)
        transport.write(data)
        return not self._paused

    @property
    def is_full(self) -> bool:
        """Whether the peer has not taken what was written."""
        return self._paused

    async def drained(self) -> None:
        """Wait until more may be written; raises ConnectionError when the connection is lost."""
        await self._drain_helper()

    def hand_over(self, receiver: Receiver) -> None:
        """Pass everything that follows the response on to another protocol."""
        self._is_ours = False
        self._receiver = receiver
        self.go_on()
        if rest := self._reader.rest:
            receiver.feed(rest)
        if self.transport is None:  # connection_lost was called before
            receiver.lose()

    @property
    def receiver(self) -> Receiver | None:
        """The protocol that the connection was handed over to."""
        return self._receiver

    @property
    def speaks_http2(self) -> bool:
        """Whether both sides agreed to HTTP/2 in the TLS handshake (RFC 7301)."""
        transport = self.transport
        tls = None if transport is None else transport.get_extra_info("ssl_object")
        return tls is not None and tls.selected_alpn_protocol() == "h2"

    def early(self) -> bytes:
        """Return what the server sent before the connection was taken over."""
        data, self._tail = self._tail, b""
        return data

    def hold(self) -> None:
        """Stop reading: data waits in the socket, and then the peer has to wait, too."""
        if self.is_open and not self._is_held:
            assert self.transport is not None
            self.transport.pause_reading()
            self._is_held = True

    def go_on(self) -> None:
        """Read again after `hold`."""
        if self._is_held and self.is_open:
            assert self.transport is not None
            self.transport.resume_reading()
            self._is_held = False

    def abandon(self, failure: StepFailed | None = None) -> None:
        """Close the connection, and fail the caller that still waits for a response."""
        waiter, self._pending = self._pending, None
        if waiter is not None:
            self.finished_at = perf_counter()
            if failure is not None and not waiter.done():
                waiter.set_exception(failure)
        self.shut(abort=True)

    def shut(self, abort: bool = False) -> None:
        """Close the connection and take it out of the connector."""
        connection, self.connection = self.connection, None
        if abort:
            self.abort()
        if connection is not None:
            connection.close()
        else:
            self.close()

    def data_received(self, data: bytes) -> None:
        received_at = perf_counter()
        self._wire.bytes_in += len(data)
        # A local for the future would make a cycle: it holds the failure, whose traceback holds
        # this frame.
        if self._pending is None:
            if (receiver := self._receiver) is not None:
                receiver.feed(data)
            else:
                self._take_unasked(data)
            return
        try:
            response = self._reader.feed(data)
        except StepFailed as failure:
            self._fail(failure, received_at)
            return
        if response is not None:
            self._resolve(response, received_at)

    def _take_unasked(self, data: bytes) -> None:
        """Pass on what arrives while no response is awaited."""
        if not self._is_ours:
            super().data_received(data)
        elif not self._reader.keep(data):
            # Nobody asked for it, so a later response cannot be told from it.
            self.shut(abort=True)

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._pending is not None:
            self._lose(exc)
        receiver, self._receiver = self._receiver, None
        if receiver is not None:
            receiver.lose()
        self._reader.close()
        super().connection_lost(exc)

    def _lose(self, error: BaseException | None) -> None:
        """Complete the response if the end of the connection is the end of its body."""
        lost_at = perf_counter()
        try:
            response = self._reader.end(error)
        except StepFailed as failure:
            self._fail(failure, lost_at)
        else:
            self._resolve(response, lost_at)

    def _resolve(self, response: Response, finished_at: float) -> None:
        if self._reader.is_spent:
            self._spend()
        self.finished_at = finished_at
        waiter, self._pending = self._pending, None
        assert waiter is not None
        try:  # noqa: SIM105 - suppress() would be a call
            waiter.set_result(response)
        except asyncio.InvalidStateError:  # cancelled meanwhile
            pass

    def _spend(self) -> None:
        """Use the connection for no further exchange."""
        self.is_spent = True
        self.force_close()
        if self._reader.is_upgraded:
            # uvloop would read megabytes before the caller can say what they mean.
            self.hold()

    def _fail(self, failure: StepFailed, finished_at: float) -> None:
        self.finished_at = finished_at
        waiter, self._pending = self._pending, None
        if waiter is not None and not waiter.done():
            waiter.set_exception(failure)
        self._loop.call_soon(self.shut, True)
