"""One websocket of one user: opened over the run's network, spoken to one action at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import orjson
from aiohttp import (
    ClientError,
    ClientWebSocketResponse,
    ClientWSTimeout,
    WSMessage,
    WSMsgType,
    WSServerHandshakeError,
)
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from ..errors import StepFailed
from .failures import connect_failed
from .network import Network

T = TypeVar("T")
_NO_HEADERS: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())
_BEGINS_JSON = frozenset(bytes((byte,)) for byte in b'{["-0123456789tfn \t\r\n')
_CLOSE_SECONDS = 5.0


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

    __slots__ = ("_answer", "_network", "_socket", "message")

    def __init__(self, network: Network, socket: ClientWebSocketResponse[Literal[True]]) -> None:
        self._network = network
        self._socket = socket
        # aiohttp offers no other way to the headers of the answer, nor to cut the connection.
        self._answer = socket._response
        cookies = {name: morsel.value for name, morsel in self._answer.cookies.items()}
        self.message = Message(101, "HTTP/1.1", self._answer.headers, cookies)

    @classmethod
    async def open(
        cls, network: Network, url: URL, headers: Mapping[str, str], verify: bool, timeout: float
    ) -> WebSocket:
        """Connect and shake hands; `message` then holds the server's answer (101)."""
        wire = network.wire
        wire.connections_opened += 1
        wire.requests += 1
        opening = network.sockets.ws_connect(
            url,
            headers=headers,
            proxy=network.options.proxy,
            ssl=network.trust(verify),
            timeout=ClientWSTimeout(ws_close=_CLOSE_SECONDS),
            max_msg_size=network.options.max_body,
        )
        return cls(network, await _in_time(opening, timeout, "connect"))

    @property
    def is_open(self) -> bool:
        return not self._socket.closed

    async def ping(self) -> None:
        await _in_time(self._socket.ping(), _CLOSE_SECONDS, "send")

    async def write(self, content: str | bytes) -> None:
        await _in_time(self._send(content), _CLOSE_SECONDS, "send")

    async def read(self, timeout: float) -> Message:
        """Return the next message."""
        return self._message(await _in_time(self._socket.receive(), timeout, "read"))

    async def ask(self, content: str | bytes, timeout: float) -> Message:
        """Send a message and return the next one: both within the timeout."""
        return await _in_time(self._exchange(content), timeout, "read")

    async def _exchange(self, content: str | bytes) -> Message:
        await self._send(content)
        return self._message(await self._socket.receive())

    async def _send(self, content: str | bytes) -> None:
        if isinstance(content, str):
            await self._socket.send_str(content)
        else:
            await self._socket.send_bytes(content)
        self._network.wire.bytes_out += len(content)

    def _message(self, received: WSMessage) -> Message:
        if received.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            raise _not_a_message(received.type, received.data)
        content = received.data
        data = content.encode() if isinstance(content, str) else content
        self._network.wire.bytes_in += len(data)
        return Message(content=data)

    async def close(self, status: int, timeout: float) -> Message:
        """Say goodbye and wait for the peer's: its close code is the status."""
        await _in_time(self._socket.close(code=status), timeout, "close")
        return Message(status=self._socket.close_code or 0)

    def abort(self) -> None:
        self._answer.close()


def _not_a_message(kind: WSMsgType, data: Any) -> StepFailed:
    if kind is WSMsgType.ERROR:
        return StepFailed("websocket", str(data), "protocol")
    told = f" with {data}" if kind is WSMsgType.CLOSE else ""
    return StepFailed("websocket", f"closed by the server{told}", "closed")


async def _in_time(action: Awaitable[T], timeout: float, what: str) -> T:
    try:
        async with asyncio.timeout(timeout):
            return await action
    except WSServerHandshakeError as error:
        raise StepFailed("websocket", f"the server answered {error.status}", "handshake") from error
    except TimeoutError as error:
        raise StepFailed("timeout", f"no {what} within {timeout:g} s", what) from error
    except (ClientError, OSError, ValueError) as error:
        if what == "connect":
            raise connect_failed(error) from error
        raise StepFailed("websocket", str(error) or type(error).__name__, "closed") from error
