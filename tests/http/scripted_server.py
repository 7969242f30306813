"""Run a server that answers each request with prepared bytes, and remembers the requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Asked:
    """One request as it was on the wire."""

    head: bytes
    body: bytes
    connection: int

    @property
    def line(self) -> bytes:
        return self.head.partition(b"\r\n")[0]

    def header(self, name: bytes) -> bytes | None:
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.strip().lower() == name.lower():
                return value.strip()
        return None


Answer = bytes | Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class ScriptedServer:
    """A server; `script` maps a path to the bytes of its answer, or to a callable."""

    script: dict[bytes, Answer]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            while await self._answer(reader, writer, number):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        asked = Asked(head[:-4], b"", number)
        if (length := asked.header(b"content-length")) is not None:
            asked.body = await reader.readexactly(int(length))
        self.asked.append(asked)
        answer = self.script[asked.line.split(b" ")[1]]
        if callable(answer):
            await answer(asked, writer)
        else:
            writer.write(answer)
        await writer.drain()
        return not writer.is_closing()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def scripted(script: dict[bytes, Answer], **options: object) -> AsyncIterator[ScriptedServer]:
    """Serve the script on a free port of 127.0.0.1 while the body of the `with` runs."""
    server = ScriptedServer(script)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, **options)  # type: ignore[arg-type]
    port = listener.sockets[0].getsockname()[1]
    scheme = "https" if options.get("ssl") else "http"
    server.url = f"{scheme}://127.0.0.1:{port}"
    try:
        yield server
    finally:
        listener.close()
        await server.stop()
