"""A channel of HTTP/2 writes requests to one connection and resolves a future for each response.

It is for an agent what `Channel` is with HTTP/1.1, and uses one for its input and output.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import perf_counter

from ..errors import StepFailed
from .aiohttp_names import Connection
from .channel import Channel, Wire
from .http2_connection import Http2Connection
from .http2_frames import ProtocolError
from .http2_headers import Fields, KnownBlocks, fields_of
from .line import NotTaken, form_answered
from .multipart import Multipart
from .response import Response
from .turn import Waiter


class Http2Channel:
    """One connection of one user; it carries one stream at a time."""

    transport: asyncio.Transport | None = None  # see Line

    def __init__(self, channel: Channel, wire: Wire, max_body: int, blocks: KnownBlocks) -> None:
        self._loop = asyncio.get_running_loop()
        self._channel = channel
        self._wire = wire
        self._http2 = Http2Connection(max_body, blocks)
        self._pending: Waiter[Response] | None = None
        # A request that waits until the server allows a stream.
        self._waiting: tuple[Fields, bytes, bool, bool] | None = None
        # Resolved when something has come from the server, or the connection is lost.
        self._news: asyncio.Future[None] | None = None
        self._broken: StepFailed | None = None
        self._heard_at = 0.0
        self.sent_at = 0.0
        self.finished_at = 0.0

    @property
    def is_open(self) -> bool:
        return self._channel.is_open and not self._http2.is_spent

    @property
    def connection(self) -> Connection | None:
        return self._channel.connection

    @property
    def is_spent(self) -> bool:
        return self._http2.is_spent

    async def start(self, early: bytes) -> None:
        """Send our settings and await the server's; `early` are bytes that came before.

        Raises StepFailed if the other side does not speak HTTP/2.
        """
        self._channel.hand_over(self)
        self._flush()
        if early:
            self.feed(early)
        while not self._http2.is_ready and self._channel.is_open and not self.is_spent:
            await self._next_news()
        if not self.is_open:
            raise self._broken or self._http2.end_unused()

    def retake(self) -> None:
        """Take the connection over that another user has given back."""
        self._channel.hand_over(self)

    def exchange(self, data: bytes, body: bool) -> asyncio.Future[Response]:
        """Write one request; the future resolves to its response, or a StepFailed."""
        waiter: asyncio.Future[Response] = self._loop.create_future()
        self.ask(data, body, waiter)
        return waiter

    def ask(self, data: bytes, body: bool, waiter: Waiter[Response]) -> None:
        """Write one request, whose response or StepFailed goes to the waiter."""
        head, _, content = data.partition(b"\r\n\r\n")
        self._begin(waiter, fields_of(head), content, ends=True, expects_body=body)

    async def exchange_form(self, data: bytes, form: Multipart, body: bool) -> Response:
        """Write head and form, no faster than the server takes them, and await the response.

        A server that answers before it has read everything gets no more of it.
        """
        waiter: asyncio.Future[Response] = self._loop.create_future()
        self._begin(waiter, fields_of(data[:-4]), b"", ends=False, expects_body=body)
        return await form_answered(self, self._write(form, waiter), waiter)

    def abandon(self, failure: StepFailed | None = None) -> None:
        """Give up the stream; the connection stays if the server was heard of since it began.

        A connection that is dead cannot be told from one whose server takes its time.
        """
        waiter, self._pending = self._pending, None
        self._waiting = None
        if waiter is None:
            return
        self.finished_at = perf_counter()
        if failure is not None and not waiter.done():
            waiter.set_exception(failure)
        self._http2.cancel()
        self._flush()
        self._tell_news()
        if self._heard_at < self.sent_at or self.is_spent:
            self.shut(abort=True)

    def shut(self, abort: bool = False) -> None:
        """Say goodbye and close the connection."""
        if self._channel.is_open and not abort:
            self._http2.farewell()
            self._flush()
        self._channel.shut(abort)

    def feed(self, data: bytes) -> None:
        """Take what has arrived."""
        heard_at = self._heard_at = perf_counter()
        try:
            response = self._http2.feed(data)
        except StepFailed as failure:
            self._fail(failure, heard_at)
        except ProtocolError as error:
            self._break(error, heard_at)
        else:
            if response is not None:
                self._resolve(response, heard_at)
        if self._waiting is not None and self._http2.may_begin:
            self._send_waiting()
        self._flush()
        self._tell_news()
        if self._http2.is_spent and self._pending is None:
            self._loop.call_soon(self.shut)

    def lose(self) -> None:
        """Fail the request under way: the connection is lost."""
        if self._pending is not None:
            failure = self._http2.end("closed before the response was complete", "closed")
            self._fail(failure, perf_counter())
        self._tell_news()

    def _begin(
        self,
        waiter: Waiter[Response],
        fields: Fields,
        content: bytes,
        *,
        ends: bool,
        expects_body: bool,
    ) -> None:
        self._pending = waiter
        self.sent_at = perf_counter()
        self._waiting = fields, content, ends, expects_body
        if self._http2.may_begin:
            self._send_waiting()
            self._flush()

    def _send_waiting(self) -> None:
        assert self._waiting is not None
        fields, content, ends, expects_body = self._waiting
        self._waiting = None
        self._wire.requests += 1
        self.sent_at = perf_counter()
        self._http2.begin(fields, content, ends=ends, expects_body=expects_body)

    async def _write(self, form: Multipart, waiter: asyncio.Future[Response]) -> None:
        upload = self._http2.upload
        while self._waiting is not None:
            await self._next_news()
        async for chunk in form.chunks():
            if waiter.done():
                return
            upload.send(chunk, ends=False)
            self._flush()
            while upload.is_waiting:
                await self._next_news()
            await self._channel.drained()
        if not waiter.done():
            upload.send(b"", ends=True)
            self._flush()

    async def _next_news(self) -> None:
        news = self._news = self._loop.create_future()
        await news

    def _tell_news(self) -> None:
        news, self._news = self._news, None
        if news is not None and not news.done():
            news.set_result(None)

    def _flush(self) -> None:
        out = self._http2.out
        if out:
            # What cannot be written is the matter of `lose`.
            with suppress(ConnectionError):
                self._channel.write(b"".join(out) if len(out) > 1 else out[0])
            out.clear()

    def _break(self, error: ProtocolError, heard_at: float) -> None:
        """Close a connection on which the server breaks the protocol."""
        told = f"not HTTP/2 as it should be: {error}"
        failure = StepFailed("bad_http", told, error.code.name.lower())
        if not self._http2.is_ready:
            self._broken = failure
        self._fail(failure, heard_at)
        self._http2.is_spent = True
        self._http2.farewell(error.code)
        self._flush()
        self._channel.shut()

    def _fail(self, failure: StepFailed, finished_at: float) -> None:
        if isinstance(failure, NotTaken):
            self._wire.requests -= 1  # another connection takes it, and counts it
        self.finished_at = finished_at
        waiter, self._pending = self._pending, None
        if waiter is not None and not waiter.done():
            waiter.set_exception(failure)

    def _resolve(self, response: Response, finished_at: float) -> None:
        self.finished_at = finished_at
        waiter, self._pending = self._pending, None
        if waiter is not None and not waiter.done():
            waiter.set_result(response)
