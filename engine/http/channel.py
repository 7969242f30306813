"""One connection: request bytes out, one future per response in.

It is aiohttp's own client protocol with its C parser; what is added is that a response whose
body is complete resolves a single future, with the time of its last byte taken on the spot.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http_parser import RawResponseMessage
from aiohttp.streams import StreamReader

from ..errors import StepFailed
from .failures import exchange_failed
from .multipart import Multipart


@dataclass(slots=True)
class Wire:
    """What went over the wire in a run. `requests` counts request heads, redirects included."""

    requests: int = 0
    redirects: int = 0
    bytes_out: int = 0
    bytes_in: int = 0
    connections_opened: int = 0


class Channel(ResponseHandler):
    """A connection of one user; it carries one exchange at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, wire: Wire, max_body: int) -> None:
        super().__init__(loop)
        self._wire = wire
        self._max_body = max_body
        self._pending: asyncio.Future[tuple[RawResponseMessage, bytes]] | None = None
        self._message: RawResponseMessage | None = None
        self._stream: StreamReader | None = None
        self._parses: bool | None = None
        self._is_ours = False
        self.connection: Connection | None = None
        self.sent_at = 0.0
        self.finished_at = 0.0

    def take(self, connection: Connection) -> None:
        """Make the connection ours; before that the connector may speak to a proxy over it."""
        self.connection = connection
        self._is_ours = True

    @property
    def is_open(self) -> bool:
        """Whether the connection is still there, as far as is known."""
        transport = self.transport
        return transport is not None and not transport.is_closing()

    def exchange(
        self, data: bytes, expects_body: bool
    ) -> asyncio.Future[tuple[RawResponseMessage, bytes]]:
        """Write one request; the future resolves to head and body, or a StepFailed."""
        if expects_body is not self._parses:
            self._start_parser(expects_body)
        transport = self.transport
        assert transport is not None
        waiter = self._pending = self._loop.create_future()
        wire = self._wire
        wire.requests += 1
        wire.bytes_out += len(data)
        self.sent_at = perf_counter()
        transport.write(data)
        return waiter

    async def exchange_form(
        self, data: bytes, form: Multipart, expects_body: bool
    ) -> tuple[RawResponseMessage, bytes]:
        """Write head and form, no faster than the server takes them, and await the response.

        A server that answers before it has read everything gets no more of it.
        """
        waiter = self.exchange(data, expects_body)
        try:
            # A lost connection has failed the waiter too, with the better reason.
            with suppress(ConnectionError):
                await self._write(form, waiter)
        except StepFailed as failure:
            self.abandon(failure)
        return await waiter

    async def _write(
        self, form: Multipart, waiter: asyncio.Future[tuple[RawResponseMessage, bytes]]
    ) -> None:
        async for chunk in form.chunks():
            if waiter.done() or self.transport is None:
                self.force_close()
                return
            self._wire.bytes_out += len(chunk)
            self.transport.write(chunk)
            await self._drain_helper()

    def abandon(self, failure: StepFailed | None = None) -> None:
        """Give the exchange up: close the connection, and fail the caller if one still waits."""
        self.finished_at = perf_counter()
        waiter, self._pending = self._pending, None
        if failure is not None and waiter is not None and not waiter.done():
            waiter.set_exception(failure)
        self.shut(abort=True)

    def shut(self, abort: bool = False) -> None:
        """Close the connection; the connector forgets it."""
        connection, self.connection = self.connection, None
        if abort:
            self.abort()
        if connection is not None:
            connection.close()
        else:
            self.close()

    def _start_parser(self, expects_body: bool) -> None:
        # The parser lives as long as the connection (making one costs as much as a small
        # response); only HEAD needs another. aiohttp holds a body back at twice the buffer size,
        # which for us is the moment it is too large.
        self._parses = expects_body
        self.set_response_params(
            skip_payload=not expects_body,
            read_until_eof=True,
            read_bufsize=self._max_body // 2,
        )

    def data_received(self, data: bytes) -> None:
        self._wire.bytes_in += len(data)
        if not self._is_ours:
            super().data_received(data)
            return
        if self._pending is None:
            # Nobody asked: what follows on this connection cannot be trusted.
            self.shut(abort=True)
            return
        super().data_received(data)
        stream = self._stream
        if stream is not None and (error := stream.exception()) is not None:
            self._fail(error)

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Take the head of a response from aiohttp's parser."""
        if not self._is_ours:
            super().feed_data(data, size)
            return
        message, stream = data
        if message.code < 200 and message.code != 101:
            return
        self._message = message
        self._stream = stream
        if stream.is_eof():
            self._complete()
        else:
            stream.on_eof(self._complete)

    def resume_reading(self, resume_parser: bool = True) -> None:
        # Of what is ours nothing is ever held back, so there is nothing to resume.
        if not self._is_ours:
            super().resume_reading(resume_parser)

    def pause_reading(self) -> None:
        super().pause_reading()
        if self._is_ours and not self._upgraded:
            self._fail(StepFailed("too_large", f"body over {self._max_body} bytes"))

    def set_exception(self, exc: BaseException, *args: Any) -> None:
        super().set_exception(exc, *args)
        stream = self._stream
        self._fail((stream.exception() if stream is not None else None) or exc)

    def _complete(self) -> None:
        self.finished_at = perf_counter()
        waiter, self._pending = self._pending, None
        stream, self._stream = self._stream, None
        message, self._message = self._message, None
        if waiter is None or waiter.done() or stream is None or message is None:
            self.force_close()
            return
        waiter.set_result((message, stream.read_nowait()))

    def _fail(self, error: BaseException) -> None:
        self._stream = None
        waiter = self._pending
        if waiter is None:
            return
        self.finished_at = perf_counter()
        self._pending = None
        if not waiter.done():
            waiter.set_exception(exchange_failed(error))
        self._loop.call_soon(self.shut, True)
