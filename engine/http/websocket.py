"""One websocket of one user: opened over the run's network, spoken to one action at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import ClientError, WebSocketError, WSMessage, WSMsgType

# What feeds it and what it is read from; aiohttp's own client uses it the same way.
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader
from aiohttp.http_websocket import WSMessageTextBytes
from aiohttp.streams import EofStream
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from ..errors import StepFailed
from .channel import Channel
from .deadline import Deadline
from .frames import close_code, frame
from .handshake import check_handshake, handshake
from .network import Network
from .request import Request, encoded
from .response import Response

_NO_HEADERS: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())
_BEGINS_JSON = frozenset(bytes((byte,)) for byte in b'{["-0123456789tfn \t\r\n')
_SEND_SECONDS = 5.0
_QUEUE_SIZE = 2**16
_GONE = 1006
_MESSAGES = frozenset({WSMsgType.TEXT, WSMsgType.BINARY})


@dataclass(slots=True)
class Message:
    """What an action brought, in the shape of a response; sending brings nothing."""

    status: int = 0
    proto: str = ""
    headers: CIMultiDictProxy[str] = field(default_factory=lambda: _NO_HEADERS)
    cookies: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    elapsed_ms: float = 0.0

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    @property
    def body(self) -> Any:
        """The message decoded where it is JSON, else its text."""
        # To try costs more than all else when most messages are no JSON.
        if self.content[:1] not in _BEGINS_JSON:
            return self.text
        try:
            return orjson.loads(self.content)
        except ValueError:
            return self.text


class WebSocket:
    """An open websocket. Every method raises StepFailed: timeout, websocket, or as a connect."""

    __slots__ = ("_channel", "_closed_with", "_deadline", "_queue", "_waits", "message")

    def __init__(self, channel: Channel, response: Response, max_body: int) -> None:
        loop = asyncio.get_running_loop()
        self._channel = channel
        self._closed_with: int | None = None
        self._deadline = Deadline(loop, self._is_over)
        self._waits = 0
        self._queue = WebSocketDataQueue(channel, _QUEUE_SIZE, loop=loop)
        self.message = Message(101, response.proto, response.headers, response.cookies)
        channel.hand_over(WebSocketReader(self._queue, max_body, False, False), self._queue)

    @classmethod
    async def open(
        cls, network: Network, url: URL, headers: Mapping[str, str], verify: bool, timeout: float
    ) -> WebSocket:
        """Connect and shake hands; `message` then holds the server's answer (101)."""
        request = handshake(url, headers, verify=verify, proxied=network.options.proxy is not None)
        try:
            async with asyncio.timeout(timeout):
                channel = await network.connect(request.origin, stays=True)
                response = await _agreed(channel, request)
        except TimeoutError as error:
            raise StepFailed("timeout", f"no connect within {timeout:g} s", "connect") from error
        return cls(channel, response, network.options.max_body)

    @property
    def is_open(self) -> bool:
        return self._closed_with is None and self._channel.is_open

    async def ping(self) -> None:
        await self._send(WSMsgType.PING, b"")

    async def write(self, content: str | bytes, timeout: float = _SEND_SECONDS) -> None:
        """Send a message; `timeout` is how long the peer may take to make room for it."""
        if isinstance(content, str):
            await self._send(WSMsgType.TEXT, encoded(content), timeout)
        else:
            await self._send(WSMsgType.BINARY, content, timeout)

    async def read(self, timeout: float) -> Message:
        """Return the next message."""
        received = await self._receive(timeout, "read")
        if received.type in _MESSAGES:
            return Message(content=received.data)
        self._closed_with = received.data or 0
        with suppress(StepFailed):
            await self._send(WSMsgType.CLOSE, close_code(received.data or 1000))
        raise _closed(f" with {received.data}" if received.data else "")

    async def ask(self, content: str | bytes, timeout: float) -> Message:
        """Send a message and return the next one."""
        await self.write(content, timeout)
        return await self.read(timeout)

    async def close(self, status: int, timeout: float) -> Message:
        """Say goodbye and wait for the peer's: its close code is the status.

        It is 1006 where the peer has gone, or goes, without one (RFC 6455, 7.1.5).
        """
        try:
            if self._closed_with is None:
                self._closed_with = await self._say_goodbye(status, timeout)
        except StepFailed as failure:
            if failure.detail != "closed":
                raise
            self._closed_with = _GONE
        self.abort()
        return Message(status=self._closed_with)

    def abort(self) -> None:
        """Close the connection, whatever is under way."""
        self._deadline.close()
        self._channel.shut(abort=True)

    async def _say_goodbye(self, status: int, timeout: float) -> int:
        await self._send(WSMsgType.CLOSE, close_code(status))
        while (received := await self._receive(timeout, "close")).type in _MESSAGES:
            pass  # it was on its way
        code: int = received.data or 0
        return code

    async def _send(self, kind: WSMsgType, payload: bytes, timeout: float = _SEND_SECONDS) -> None:
        if not self.is_open and kind is not WSMsgType.CLOSE:
            raise _closed("")
        try:
            self._channel.write(frame(kind, payload))
            if self._channel.is_full:
                async with asyncio.timeout(timeout):
                    await self._channel.drained()
        except TimeoutError as error:
            raise StepFailed("timeout", f"not sent within {timeout:g} s", "send") from error
        except (ClientError, OSError) as error:
            raise _closed("") from error

    async def _receive(self, timeout: float, what: str) -> WSMessage | WSMessageTextBytes:
        """Return the next message, or the peer's goodbye; answer pings that come before it."""
        self._waits += 1
        self._deadline.set(timeout)
        try:
            while True:
                received = await self._queue.read()
                kind = received.type
                if kind in _MESSAGES or kind is WSMsgType.CLOSE:
                    return received
                if kind is WSMsgType.PING:
                    await self._send(WSMsgType.PONG, received.data)
                elif kind is WSMsgType.CLOSING and received.data == self._waits:
                    raise StepFailed("timeout", f"no {what} within {timeout:g} s", what)
        except WebSocketError as error:
            self._closed_with = error.code
            with suppress(StepFailed):
                await self._send(WSMsgType.CLOSE, close_code(error.code))
            self._channel.shut()
            raise StepFailed("websocket", str(error), "protocol") from error
        except (EofStream, ClientError, OSError) as error:
            raise _closed("") from error
        finally:
            self._deadline.clear()

    def _is_over(self) -> None:
        # It wakes who waits, and means nothing to a later wait if the message came after all.
        self._queue.feed_data(WSMessage(WSMsgType.CLOSING, self._waits, None), 0)


async def _agreed(channel: Channel, request: Request) -> Response:
    """Shake hands; closes the connection where that fails."""
    try:
        # Whatever else the answer is, its body is not waited for.
        response = await channel.exchange(request.wire, body=False)
        check_handshake(request, response)
    except BaseException:
        channel.abandon()
        raise
    return response


def _closed(how: str) -> StepFailed:
    return StepFailed("websocket", f"closed by the server{how}", "closed")
