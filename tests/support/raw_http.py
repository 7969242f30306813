"""Speak HTTP/1.1 by hand: read requests from a connection, write any bytes back."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit


class Finished(Exception):
    """The defect has finished with this connection."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass
class Connection:
    """One accepted connection; `answered` counts its complete answers."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    answered: int = 0

    async def request(self) -> Request | None:
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        first, *lines = head.decode("latin-1").rstrip().split("\r\n")
        method, url, _ = first.split(" ", 2)
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        parts = urlsplit(url)
        return Request(method, parts.path, dict(parse_qsl(parts.query)), headers)

    async def body(self, request: Request) -> bytes:
        """Read the body of a request, so that the next head starts where it should."""
        if "chunked" not in request.headers.get("transfer-encoding", ""):
            return await self.reader.readexactly(int(request.headers.get("content-length", 0)))
        body = b""
        while size := int((await self.reader.readline()).strip(), 16):
            body += (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readline()
        return body

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Make the next close send an RST instead of a FIN."""
        raw: socket.socket = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


Defect = Callable[[Connection, Request], Awaitable[None]]


def answer(body: bytes = b"ok", status: str = "200 OK", *headers: str) -> bytes:
    """Return a complete, correct response."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def json_answer(value: object) -> bytes:
    return answer(json.dumps(value).encode(), "200 OK", "Content-Type: application/json")
