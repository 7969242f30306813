"""Run a TCP proxy between the program and a server that adds one network fault."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field

from tests.support.in_thread import in_thread

HEAD_END = b"\r\n\r\n"


class Cut(Exception):
    """The connection to the program ends here, with an RST if `resets`."""

    def __init__(self, resets: bool = False) -> None:
        super().__init__()
        self.resets = resets


# A function that gets the server's bytes and yields the bytes for the program.
Toxic = Callable[[AsyncIterator[bytes]], AsyncIterator[bytes]]


async def latency(data: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Hold every piece back for 200 ms."""
    async for piece in data:
        await asyncio.sleep(0.2)
        yield piece


async def bandwidth(data: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pass 200 bytes per second."""
    async for piece in data:
        for begin in range(0, len(piece), 10):
            await asyncio.sleep(0.05)
            yield piece[begin : begin + 10]


async def slicer(data: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pass every byte on its own."""
    async for piece in data:
        for byte in piece:
            yield bytes((byte,))
            await asyncio.sleep(0)


async def slow_close(data: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Close 300 ms after the server."""
    async for piece in data:
        yield piece
    await asyncio.sleep(0.3)


async def cut_in_head(data: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Close after ten bytes."""
    async for piece in data:
        yield piece[:10]
        raise Cut


async def cut_in_body(data: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Close after the first byte of the body."""
    async for piece in data:
        yield piece[: piece.index(HEAD_END) + len(HEAD_END) + 1]
        raise Cut


async def reset_peer(data: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Reset when the response comes."""
    async for _ in data:
        raise Cut(resets=True)
    yield b""


async def silence(data: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pass nothing, and do not close."""
    async for _ in data:
        await asyncio.Event().wait()
    yield b""


@dataclass
class Proxy:
    """A proxy with one fault in front of one server."""

    toxic: Toxic
    server: tuple[str, int]
    # A loop keeps no task that waits for nothing outside itself: it would be garbage.
    serving: set[asyncio.Task[None] | None] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.current_task())
        up_reader, up_writer = await asyncio.open_connection(*self.server)
        sending = asyncio.create_task(_copy(reader, up_writer))
        try:
            async for piece in self.toxic(_pieces(up_reader)):
                writer.write(piece)
                await writer.drain()
        except Cut as cut:
            if cut.resets:
                _reset(writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            sending.cancel()
            up_writer.close()
            writer.close()


async def _pieces(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while data := await reader.read(65536):
        yield data


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        async for data in _pieces(reader):
            writer.write(data)
    writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    raw: socket.socket = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextmanager
def toxic_proxies(toxics: dict[str, Toxic], server: str) -> Iterator[dict[str, str]]:
    """Start a proxy for each fault in front of the server; return their URLs by name."""
    host, _, port = server.removeprefix("http://").partition(":")

    async def serve(stack: AsyncExitStack) -> dict[str, str]:
        urls = {}
        for name, toxic in toxics.items():
            proxy = Proxy(toxic, (host, int(port)))
            listener = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
            stack.callback(listener.close)
            urls[name] = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        return urls

    with in_thread(serve) as urls:
        yield urls
