"""Run HTTP/2 servers over TLS: one that behaves (by h2), and ones that a test scripts by frames."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import h2.config
import h2.connection
import h2.errors
import h2.events
import trustme
from hpack import Decoder, Encoder
from hyperframe import frame as frames

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
OK: list[tuple[bytes, bytes]] = [(b":status", b"200"), (b"content-length", b"2")]

Pairs = Iterable[tuple[bytes, bytes]]


class Raw:
    """The server's side of one connection, frame by frame; it keeps what it has read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self.encoder, self._decoder = Encoder(), Decoder()
        self.seen: list[frames.Frame] = []

    async def start(self, settings: dict[int, int] | None = None) -> None:
        """Read the client's preface, and send settings."""
        assert await self._reader.readexactly(len(PREFACE)) == PREFACE
        self.send(frames.SettingsFrame(0, settings=settings or {}))

    async def frame(self) -> frames.Frame:
        head = await self._reader.readexactly(9)
        found, length = frames.Frame.parse_frame_header(memoryview(head))
        found.parse_body(memoryview(await self._reader.readexactly(length)))
        self.seen.append(found)
        return found

    async def frame_of(self, *kinds: type[frames.Frame]) -> Any:
        while not isinstance(found := await self.frame(), kinds):
            pass
        return found

    async def request(self) -> int:
        """Return the stream of the next request whose head has come."""
        found = await self.frame_of(frames.HeadersFrame)
        self.fields = self._decoder.decode(found.data, raw=True)
        return int(found.stream_id)

    def send(self, *them: frames.Frame) -> None:
        self.writer.write(b"".join(one.serialize() for one in them))

    def headers(self, stream: int, pairs: Pairs, *flags: str) -> frames.Frame:
        found = frames.HeadersFrame(stream, self.encoder.encode(list(pairs)))
        found.flags |= {"END_HEADERS", *flags}
        return found

    def data(self, stream: int, content: bytes, *flags: str) -> frames.Frame:
        found = frames.DataFrame(stream, content)
        found.flags |= {*flags}
        return found

    def ok(self, stream: int) -> list[frames.Frame]:
        return [self.headers(stream, OK), self.data(stream, b"ok", "END_STREAM")]

    async def rest(self) -> None:
        """Read to the end of the connection."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await self.frame()


Script = Callable[[Raw], Awaitable[None]]


@dataclass
class RawServer:
    """Plays its script on each connection; `connections` holds them in their order."""

    script: Script
    url: str = ""
    connections: list[Raw] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    _ends: list[asyncio.Event] = field(default_factory=list)

    async def ended(self) -> None:
        """Wait until all connections have ended."""
        for end in self._ends:
            await end.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw = Raw(reader, writer)
        self.connections.append(raw)
        self._ends.append(end := asyncio.Event())
        try:
            await self.script(raw)
            await raw.rest()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        except BaseException as fault:
            self.faults.append(fault)
        finally:
            end.set()
            writer.close()


@dataclass
class Asked:
    """One request as the server read it."""

    fields: dict[str, str]
    connection: int
    pairs: list[tuple[str, str]]
    body: bytes = b""


@dataclass
class Answer:
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    trailers: tuple[tuple[str, str], ...] = ()
    interim: tuple[int, ...] = ()


@dataclass
class Server:
    """Answers requests by path, over h2 or, for a client that does not offer it, not at all."""

    answers: dict[str, Answer]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError, asyncio.CancelledError):
            await _Connection(self, self.connections, writer).serve(reader)
        writer.close()


class _Connection:
    def __init__(self, server: Server, number: int, writer: asyncio.StreamWriter) -> None:
        self._server, self._number, self._writer = server, number, writer
        self._h2 = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        )
        self._open: dict[int, Asked] = {}
        self._left: dict[int, tuple[memoryview, Answer]] = {}

    async def serve(self, reader: asyncio.StreamReader) -> None:
        self._h2.initiate_connection()
        self._flush()
        while data := await reader.read(2**16):
            for event in self._h2.receive_data(data):
                self._take(event)
            self._flush()

    def _take(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.RequestReceived):
            pairs = [(str(name), str(value)) for name, value in event.headers]
            self._open[event.stream_id] = Asked(dict(pairs), self._number, pairs)
        elif isinstance(event, h2.events.DataReceived):
            self._open[event.stream_id].body += event.data
            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            self._answer(event.stream_id)
        elif isinstance(event, h2.events.WindowUpdated):
            for stream in list(self._left):
                self._send_left(stream)

    def _answer(self, stream: int) -> None:
        asked = self._open.pop(stream)
        self._server.asked.append(asked)
        answer = self._server.answers[asked.fields[":path"]]
        for status in answer.interim:
            self._h2.send_headers(stream, [(":status", str(status))])
        ends = not answer.body and not answer.trailers
        headers = [(":status", str(answer.status)), *answer.headers]
        self._h2.send_headers(stream, headers, end_stream=ends)
        if not ends:
            self._left[stream] = memoryview(answer.body), answer
            self._send_left(stream)

    def _send_left(self, stream: int) -> None:
        body, answer = self._left.pop(stream)
        while body:
            window = self._h2.local_flow_control_window(stream)
            size = min(window, self._h2.max_outbound_frame_size, len(body))
            if not size:
                self._left[stream] = body, answer
                return
            is_last = size == len(body) and not answer.trailers
            self._h2.send_data(stream, bytes(body[:size]), end_stream=is_last)
            body = body[size:]
        if answer.trailers:
            self._h2.send_headers(stream, list(answer.trailers), end_stream=True)

    def _flush(self) -> None:
        self._writer.write(self._h2.data_to_send())


def server_context(ca: trustme.CA, *protocols: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


@asynccontextmanager
async def listening(serve: Any, context: ssl.SSLContext) -> AsyncIterator[str]:
    """Serve on a free port of 127.0.0.1 while the body of the `with` runs; yield the URL."""
    tasks: set[asyncio.Task[None]] = set()

    async def tracked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await serve(reader, writer)

    listener = await asyncio.start_server(tracked, "127.0.0.1", 0, ssl=context)
    try:
        yield f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
