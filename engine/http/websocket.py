"""This module opens a websocket for one user, and runs one action on it at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from math import inf
from time import perf_counter
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from ..errors import StepFailed
from .aiohttp_names import ClientError
from .channel import Channel
from .deadline import Deadline, Deadlines
from .frame_reader import NO_CODE, TOO_LARGE, FrameReader, ProtocolError, close_code
from .frames import BINARY, CLOSE, PING, PONG, TEXT, frame, goodbye
from .handshake import Handshake, check_handshake, handshake
from .json_body import read_json
from .network import Network
from .request import encoded
from .response import Response
from .turn import Waiter

_NO_HEADERS: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())
_NO_COOKIES: Mapping[str, str] = MappingProxyType({})
_BEGINS_JSON = frozenset(bytes((byte,)) for byte in b'{["-0123456789tfn \t\r\n\xef')
_SEND_SECONDS = 5.0
_MOST_WAITING = 2**17
_FEW_WAITING = _MOST_WAITING // 2
_PER_MESSAGE = 128
_GONE = 1006


class Message:
    """A message in the shape of a response; it is empty after sending.

    The status is the code of a close frame, 0 for any other message.
    """

    __slots__ = ("content", "status")

    # A message has none of these.
    cookies = _NO_COOKIES
    elapsed_ms = 0.0
    headers = _NO_HEADERS
    proto = ""
    reason = ""
    url = ""

    def __init__(self, content: bytes = b"", status: int = 0) -> None:
        self.content = content
        self.status = status

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    @property
    def body(self) -> Any:
        """The message decoded if it is JSON, else its text."""
        # If most messages are not JSON, trying would cost more than everything else.
        if self.content[:1] not in _BEGINS_JSON:
            return self.text
        try:
            return read_json(self.content, _utf8)
        except (ValueError, RecursionError):
            return self.text


# What an action gives: the answer to a handshake is a response.
Answer = Response | Message


class _End(Struct, frozen=True):
    """The end of a websocket: the server's code and reason, and the failure of a later read."""

    code: int
    reason: bytes
    kind: str
    message: str
    detail: str


class WebSocket:
    """An open websocket. Every method raises StepFailed: timeout, websocket, or as a connect.

    Frames are read when they arrive: pings and a close frame are answered at once, messages wait
    for a step that reads them. When many wait, the rest stays in the socket, so that the server
    has to wait, too.
    """

    __slots__ = (
        "_backlog",
        "_channel",
        "_deadline",
        "_end",
        "_frames",
        "_is_leaving",
        "_loop",
        "_messages",
        "_waiter",
        "_waits_for",
        "response",
    )

    def __init__(
        self, channel: Channel, response: Response, max_body: int, deadlines: Deadlines
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._channel = channel
        self._frames = FrameReader(max_body)
        self._messages: deque[bytes] = deque()
        self._backlog = 0
        self._is_leaving = False
        self._end: _End | None = None
        self._waiter: Waiter[None] | None = None
        self._waits_for: tuple[str, float] = ("", 0.0)
        self._deadline = Deadline(deadlines, self._is_over)
        self.response = response
        channel.hand_over(self)

    @classmethod
    async def open(
        cls, network: Network, url: URL, headers: Mapping[str, str], verify: bool, timeout: float
    ) -> WebSocket:
        """Connect and shake hands; `response` then is the server's answer (101)."""
        asked = handshake(url, headers, verify=verify, proxied=network.options.proxy is not None)
        network.prepare(asked.origin)
        try:
            async with asyncio.timeout(timeout):
                channel = await network.connect(asked.origin, stays=True)
                response = await _agreed(channel, asked)
        except TimeoutError as error:
            raise StepFailed("timeout", f"no connect within {timeout:g} s", "connect") from error
        return cls(channel, response, network.options.max_body, network.deadlines)

    @property
    def is_open(self) -> bool:
        return self._end is None and self._channel.is_open

    async def ping(self, content: bytes = b"", timeout: float = _SEND_SECONDS) -> None:
        await self._send(PING, content, timeout)

    async def write(self, content: str | bytes, timeout: float = _SEND_SECONDS) -> None:
        """Send a message; `timeout` is how long the peer may take to make room for it."""
        if isinstance(content, str):
            await self._send(TEXT, encoded(content), timeout)
        else:
            await self._send(BINARY, content, timeout)

    async def read(self, timeout: float) -> Message:
        """Return the next message."""
        await self._wait(timeout, "read")
        return self.take()

    def call(self, waiter: Waiter[None], timeout: float, what: str = "read") -> bool:
        """Call the waiter when there is something to take, or after this many seconds.

        Returns False, and does not call, if there is something already.
        """
        if self._messages or self._end is not None:
            return False
        self._waiter = waiter
        self._waits_for = what, timeout
        # As `set` does.
        deadline = self._deadline
        deadline.at = at = perf_counter() + timeout
        if deadline.due > at:
            deadline.move(at)
        return True

    def take(self) -> Message:
        """Return the next message; raises StepFailed at the end. One of both must be there."""
        if not self._messages:
            assert self._end is not None
            raise StepFailed(self._end.kind, self._end.message, self._end.detail)
        content = self._messages.popleft()
        before = self._backlog
        self._backlog = left = before - len(content) - _PER_MESSAGE
        if left <= _FEW_WAITING < before:
            self._channel.go_on()
        return Message(content)

    async def ask(self, content: str | bytes, timeout: float) -> Message:
        """Send a message and return the next one."""
        await self.write(content, timeout)
        return await self.read(timeout)

    async def close(self, status: int, timeout: float, reason: bytes = b"") -> Message:
        """Exchange close frames; the server's code is the status, its reason the content.

        The status is 1005 for a close frame without a code, and 1006 for a connection that ends
        without a close frame (RFC 6455, 7.1.5).
        """
        try:
            if self._end is None:
                await self._leave(goodbye(status, reason), timeout)
        finally:
            self.abort()
        end = self._end or _closed(_GONE)
        if end.detail != "closed":
            raise StepFailed(end.kind, end.message, end.detail)
        return Message(end.reason, end.code)

    async def _leave(self, payload: bytes, timeout: float) -> None:
        """Send a close frame, and wait for the end."""
        self._is_leaving = True  # nobody will read the messages on their way
        self._messages.clear()
        self._backlog = 0
        self._channel.go_on()
        self._reply(CLOSE, payload)
        if self._channel.is_open:
            await self._wait(timeout, "close")

    def abort(self) -> None:
        """Close the connection at once."""
        self._deadline.close()
        self._channel.shut(abort=True)

    def feed(self, data: bytes) -> None:
        """Read what the server sent; after its close frame, or a broken one, ignore everything."""
        if self._end is not None:
            return
        if (payload := self._frames.whole(data)) is not None and not self._is_leaving:
            self._keep(payload)
            return
        try:
            for opcode, payload in self._frames.read(data):
                self._take(opcode, payload)
                if opcode == CLOSE:
                    break
        except ProtocolError as error:
            self._say_goodbye(goodbye(error.code))
            self._finish(_broken(error))

    def lose(self) -> None:
        """Note that the connection is lost."""
        if self._end is None:
            self._finish(_closed(_GONE))

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            if not self._channel.is_full:  # answering a later one is enough (RFC 6455, 5.5.3)
                self._reply(PONG, payload)
        elif opcode == CLOSE:
            self._say_goodbye(payload[:2])
            self._finish(_closed(close_code(payload), payload[2:]))
        elif opcode != PONG and not self._is_leaving:
            self._keep(payload)

    def _keep(self, payload: bytes) -> None:
        self._messages.append(payload)
        self._backlog += len(payload) + _PER_MESSAGE
        if self._backlog > _MOST_WAITING:
            self._channel.hold()
        self._wake()

    def _say_goodbye(self, payload: bytes) -> None:
        """Send a close frame unless one was sent (RFC 6455, 5.5.1)."""
        if not self._is_leaving:
            self._reply(CLOSE, payload)

    def _reply(self, opcode: int, payload: bytes) -> None:
        with suppress(ConnectionError):
            self._channel.write(frame(opcode, payload))

    def _finish(self, end: _End) -> None:
        self._end = self._end or end
        self._wake()

    async def _send(self, opcode: int, payload: bytes, timeout: float) -> None:
        if not self.post(frame(opcode, payload)):
            await self.drained(timeout)

    def post(self, data: bytes) -> bool:
        """Write a frame; return whether the peer has room for more, else await `drained`."""
        if self._end is not None:
            raise StepFailed("websocket", "the websocket is closed", "closed")
        try:
            return self._channel.write(data)
        except (ClientError, OSError) as error:
            raise StepFailed("websocket", "closed by the server", "closed") from error

    async def drained(self, timeout: float) -> None:
        """Wait until the peer has made room."""
        try:
            async with asyncio.timeout(timeout):
                await self._channel.drained()
        except TimeoutError as error:
            raise StepFailed("timeout", f"not sent within {timeout:g} s", "send") from error
        except (ClientError, OSError) as error:
            raise StepFailed("websocket", "closed by the server", "closed") from error

    async def _wait(self, timeout: float, what: str) -> None:
        """Wait for a message or for the end; `what` is for a timeout."""
        waiter: asyncio.Future[None] = self._loop.create_future()
        if self.call(waiter, timeout, what):
            await waiter

    def _wake(self) -> None:
        if (waiter := self._waiter) is not None:
            self._waiter = None
            self._deadline.at = inf  # as `clear` does
            try:  # noqa: SIM105 - suppress() would be a call
                waiter.set_result(None)
            except asyncio.InvalidStateError:  # cancelled meanwhile
                pass

    def _is_over(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            what, timeout = self._waits_for
            waiter.set_exception(StepFailed("timeout", f"no {what} within {timeout:g} s", what))


async def _agreed(channel: Channel, asked: Handshake) -> Response:
    """Shake hands; closes the connection where that fails."""
    try:
        # If the answer is a refusal, its body does not matter.
        response = await channel.exchange(asked.wire, body=False)
        check_handshake(asked.key, response)
    except BaseException:
        channel.abandon()
        raise
    return response


def _broken(error: ProtocolError) -> _End:
    """Return the end by a broken protocol, for which the server has sent no code."""
    is_large = error.code == TOO_LARGE
    kind, detail = ("too_large", "") if is_large else ("websocket", "protocol")
    return _End(_GONE, b"", kind, str(error), detail)


def _utf8() -> None:
    """Return the charset of all messages (RFC 6455, 5.6): None stands for UTF-8."""


def _closed(code: int, reason: bytes = b"") -> _End:
    """Return the end by a server; the message names its code if it sent one."""
    how = f" with {code}" if code not in (NO_CODE, _GONE) else ""
    why = f": {reason.decode()}" if reason else ""
    return _End(code, reason, "websocket", f"closed by the server{how}{why}", "closed")
