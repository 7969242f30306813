"""Serve a fixed response at once, to measure how fast a client is.

The server ends when its stdin is closed.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import cast

import uvloop

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class _Answers(asyncio.Protocol):
    """Sends one response per end of a request head; requests must not have a body."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not subclasses of asyncio's, so isinstance would fail.
        self._transport = cast(asyncio.Transport, transport)
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        data = self._rest + data
        self._transport.write(_ANSWER * data.count(b"\r\n\r\n"))
        self._rest = data[data.rfind(b"\r\n\r\n") + 4 :] if b"\r\n\r\n" in data else data


async def serve() -> None:
    """Print url and pid as one line of JSON, then serve until stdin ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Answers, "127.0.0.1", 0, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"url": f"http://127.0.0.1:{port}", "pid": os.getpid()}), flush=True)
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    server.close()


if __name__ == "__main__":
    uvloop.run(serve())
