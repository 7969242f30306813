"""Test a websocket byte for byte: the handshake, frames in both directions, the close."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
import uvloop
from boomtalk.engine.errors import StepFailed
from boomtalk.engine.http.channel import Channel, Wire
from boomtalk.engine.http.deadline import Deadlines
from boomtalk.engine.http.handshake import handshake
from boomtalk.engine.http.head import Heads
from boomtalk.engine.http.network import Network
from boomtalk.engine.http.options import HttpOptions
from boomtalk.engine.http.websocket import WebSocket
from yarl import URL

TEXT, BINARY, CLOSE, PING, PONG = 0x81, 0x82, 0x88, 0x89, 0x8A


class Peer:
    """The server's side of one connection, which tests read from and write to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.head = b""
        self.bytes_in = 0

    async def accept(
        self, behind: bytes = b"", upgrade: bytes = b"websocket", connection: bytes = b"Upgrade"
    ) -> None:
        """Read the handshake and accept it, with these bytes in the same write."""
        self.head = await self.reader.readuntil(b"\r\n\r\n")
        self.bytes_in += len(self.head)
        digest = hashlib.sha1(self.key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        self.writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: %b\r\nConnection: %b\r\n"
            b"Sec-WebSocket-Accept: %b\r\n\r\n%b"
            % (upgrade, connection, base64.b64encode(digest), behind)
        )

    @property
    def key(self) -> bytes:
        return self.head.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]

    async def frame(self) -> tuple[int, bytes]:
        """Return first byte and payload of the next frame, which must be masked."""
        first, second = await self._read(2)
        assert second & 0x80
        length = second & 0x7F
        if length > 125:
            length = int.from_bytes(await self._read(2 if length == 126 else 8), "big")
        mask, masked = await self._read(4), await self._read(length)
        return first, bytes(byte ^ mask[place % 4] for place, byte in enumerate(masked))

    async def _read(self, length: int) -> bytes:
        self.bytes_in += length
        return await self.reader.readexactly(length)

    def send(self, first: int, payload: bytes) -> None:
        self.writer.write(unmasked(first, payload))


def unmasked(first: int, payload: bytes) -> bytes:
    assert len(payload) < 126
    return bytes((first, len(payload))) + payload


Serve = Callable[[Peer], Awaitable[None]]
Story = Callable[[WebSocket, Network], Awaitable[None]]


async def opened(network: Network, url: str) -> WebSocket:
    return await WebSocket.open(network, URL(url), {}, True, 5.0)


@asynccontextmanager
async def served(serve: Serve) -> AsyncIterator[str]:
    """Serve one connection after the other; at the end all of them must be closed."""
    tasks: list[asyncio.Task[None]] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.append(task)
        try:
            await serve(Peer(reader, writer))
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    listener = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"ws://127.0.0.1:{listener.sockets[0].getsockname()[1]}/chat?x=1"
    finally:
        listener.close()
        await asyncio.gather(*tasks)


@pytest.fixture(params=["asyncio", "uvloop"])
def play(request: pytest.FixtureRequest) -> Callable[[Serve, Story], None]:
    """Open a websocket to such a server and run a test function with it, on both event loops."""
    runner = asyncio.run if request.param == "asyncio" else uvloop.run

    def tell(serve: Serve, story: Story) -> None:
        async def main() -> None:
            async with served(serve) as url:
                network = Network(HttpOptions())
                socket = await opened(network, url)
                try:
                    await story(socket, network)
                finally:
                    socket.abort()
                    await network.close()

        runner(main())

    return tell


def failing_to_open(answer: bytes) -> StepFailed:
    async def serve(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        peer.writer.write(answer)
        await peer.reader.read()

    async def main() -> StepFailed:
        async with served(serve) as url:
            network = Network(HttpOptions())
            try:
                with pytest.raises(StepFailed) as caught:
                    await opened(network, url)
                return caught.value
            finally:
                await network.close()

    return asyncio.run(main())


def test_messages_of_every_size_arrive_as_they_were_written(
    play: Callable[[Serve, Story], None],
) -> None:
    contents = [
        b"",
        b"x",
        bytes(range(125)),
        b"y" * 126,
        b"z" * 65_535,
        b"a" * 65_536,
        "é".encode(),
    ]
    seen: list[tuple[int, bytes]] = []
    peers: list[Peer] = []

    async def serve(peer: Peer) -> None:
        peers.append(peer)
        await peer.accept()
        seen.extend([await peer.frame() for _ in range(2 * len(contents))])
        peer.send(TEXT, b"all")

    async def story(socket: WebSocket, network: Network) -> None:
        for content in contents:
            await socket.write(content)
            await socket.write(content.decode())
        assert (await socket.read(5)).text == "all"
        assert network.wire.bytes_out == peers[0].bytes_in
        assert network.wire.requests == network.wire.connections_opened == 1

    play(serve, story)
    assert seen == [(kind, content) for content in contents for kind in (BINARY, TEXT)]
    assert peers[0].head.startswith(b"GET /chat?x=1 HTTP/1.1\r\n")


def test_a_message_right_behind_the_handshake_is_read(play: Callable[[Serve, Story], None]) -> None:
    async def serve(peer: Peer) -> None:
        await peer.accept(behind=unmasked(TEXT, b"early") + unmasked(TEXT, b"bird"))

    async def story(socket: WebSocket, _network: Network) -> None:
        assert (await socket.read(5)).text == "early"
        assert (await socket.read(5)).text == "bird"

    play(serve, story)


def test_very_much_right_behind_the_handshake_is_read(
    play: Callable[[Serve, Story], None],
) -> None:
    """uvloop reads megabytes before the task that waits for the answer runs."""
    content = bytes(range(256)) * 40_000
    head = b"\x82\x7f" + len(content).to_bytes(8, "big")

    async def serve(peer: Peer) -> None:
        await peer.accept(behind=(head + content) * 2)
        await peer.frame()

    async def story(socket: WebSocket, _network: Network) -> None:
        for _ in range(2):
            assert (await socket.read(10)).content == content
        await socket.write("thanks")

    play(serve, story)


def test_a_ping_before_the_message_is_answered(play: Callable[[Serve, Story], None]) -> None:
    answers: list[tuple[int, bytes]] = []

    async def serve(peer: Peer) -> None:
        await peer.accept()
        peer.send(PING, b"still there?")
        answers.append(await peer.frame())
        peer.send(PONG, b"unasked")
        peer.send(TEXT, b"good")

    async def story(socket: WebSocket, _network: Network) -> None:
        assert (await socket.read(5)).text == "good"

    play(serve, story)
    assert answers == [(PONG, b"still there?")]


def test_messages_wait_in_the_socket_until_they_are_read(
    play: Callable[[Serve, Story], None],
) -> None:
    """More than a socket holds: the server has to wait, and everything arrives."""
    contents = [b"%8d" % number * 2_000 for number in range(1_000)]
    is_waiting = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.accept()
        for number, content in enumerate(contents):
            peer.writer.write(b"\x82\x7e" + len(content).to_bytes(2, "big") + content)
            if number == len(contents) // 2:
                # asyncio's own buffer is full long before, and nobody has read yet.
                assert peer.writer.transport.get_write_buffer_size() > 0
                is_waiting.set()
            if is_waiting.is_set():
                await peer.writer.drain()
        await peer.frame()

    async def story(socket: WebSocket, _network: Network) -> None:
        await is_waiting.wait()
        for content in contents:
            assert (await socket.read(10)).content == content
        await socket.write("thanks")

    play(serve, story)


def test_a_message_of_many_megabytes_is_read(play: Callable[[Serve, Story], None]) -> None:
    content = bytes(range(256)) * 65_536
    heads = b"\x02\x7f" + (len(content) // 2).to_bytes(8, "big")

    async def serve(peer: Peer) -> None:
        await peer.accept()
        for _ in range(2):
            peer.writer.write(heads + content[: len(content) // 2])
            peer.writer.write(b"\x80" + heads[1:] + content[len(content) // 2 :])
        await peer.frame()

    async def story(socket: WebSocket, _network: Network) -> None:
        for _ in range(2):
            assert (await socket.read(10)).content == content
        await socket.write("thanks")

    play(serve, story)


def test_a_server_that_goes_on_and_on_does_not_hold_up_a_goodbye(
    play: Callable[[Serve, Story], None],
) -> None:
    async def serve(peer: Peer) -> None:
        await peer.accept()
        with suppress(ConnectionError):
            while True:
                peer.send(TEXT, b"news")
                await peer.writer.drain()
                await asyncio.sleep(0)

    async def story(socket: WebSocket, _network: Network) -> None:
        await socket.read(5)
        with pytest.raises(StepFailed) as caught:
            await socket.close(1000, 0.05)
        assert (caught.value.kind, caught.value.detail) == ("timeout", "close")

    play(serve, story)


@pytest.mark.parametrize("bye", [b"\x88\x02\x0f\xa0", b""])
def test_the_end_of_a_server_ends_a_waiting_read(
    bye: bytes, play: Callable[[Serve, Story], None]
) -> None:
    is_reading = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.accept()
        await is_reading.wait()
        peer.writer.write(bye)

    async def story(socket: WebSocket, _network: Network) -> None:
        reading = asyncio.ensure_future(socket.read(50))
        await asyncio.sleep(0)
        is_reading.set()
        with pytest.raises(StepFailed, match="closed by the server"):
            await asyncio.wait_for(reading, 10)

    play(serve, story)


def test_a_late_message_is_read_after_the_timeout(play: Callable[[Serve, Story], None]) -> None:
    is_over = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.accept()
        await is_over.wait()
        peer.send(TEXT, b"late")

    async def story(socket: WebSocket, _network: Network) -> None:
        with pytest.raises(StepFailed) as caught:
            await socket.read(0.05)
        assert (caught.value.kind, caught.value.detail) == ("timeout", "read")
        is_over.set()
        assert (await socket.read(5)).text == "late"
        assert socket.is_open

    play(serve, story)


def test_both_sides_say_goodbye(play: Callable[[Serve, Story], None]) -> None:
    heard: list[tuple[int, bytes]] = []

    async def serve(peer: Peer) -> None:
        await peer.accept()
        heard.append(await peer.frame())
        peer.send(TEXT, b"was on its way")
        peer.send(CLOSE, (4001).to_bytes(2, "big"))

    async def story(socket: WebSocket, _network: Network) -> None:
        assert (await socket.close(1001, 5)).status == 4001
        assert not socket.is_open
        with pytest.raises(StepFailed) as caught:
            await socket.write("more")
        assert (caught.value.kind, caught.value.detail) == ("websocket", "closed")

    play(serve, story)
    assert heard == [(CLOSE, (1001).to_bytes(2, "big"))]


def test_a_server_that_is_gone_has_closed_with_1006(play: Callable[[Serve, Story], None]) -> None:
    async def serve(peer: Peer) -> None:
        await peer.accept()
        await peer.frame()

    async def story(socket: WebSocket, _network: Network) -> None:
        assert (await socket.close(1000, 5)).status == 1006

    play(serve, story)


def test_a_message_may_come_before_the_answer_was_looked_at() -> None:
    """With very many sockets ready at once uvloop reads on before the waiting task has run."""

    async def main() -> None:
        wire, loop = Wire(), asyncio.get_running_loop()
        for rest in (b"", b"\x81\x05early"):
            channel = Channel(loop, wire, 1_000, Heads())
            channel.connection_made(Silent())
            channel._is_ours = True
            answer = channel.exchange(b"GET / HTTP/1.1\r\n\r\n", body=False)
            channel.data_received(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\n\r\n" + rest
            )
            channel.data_received(b"\x81\x04bird")
            socket = WebSocket(channel, await answer, 1_000, Deadlines(loop))
            texts = [(await socket.read(5)).text for _ in range(2 if rest else 1)]
            assert texts == (["early", "bird"] if rest else ["bird"])
            socket.abort()

    asyncio.run(main())


class Silent(asyncio.Transport):
    """A connection whose other end is played by hand."""

    def write(self, data: object) -> None:
        """Discard the data."""

    def is_closing(self) -> bool:
        return False

    def abort(self) -> None:
        """Do nothing."""

    def pause_reading(self) -> None:
        """It was too late."""

    def resume_reading(self) -> None:
        """Nothing more comes."""


def test_text_that_is_none_fails_the_step(play: Callable[[Serve, Story], None]) -> None:
    async def serve(peer: Peer) -> None:
        await peer.accept()

    async def story(socket: WebSocket, _network: Network) -> None:
        with pytest.raises(StepFailed) as caught:
            await socket.write("\ud800")
        assert (caught.value.kind, caught.value.detail) == ("template", "encoding")

    play(serve, story)


def test_who_the_user_of_a_url_is_stands_in_no_request_line() -> None:
    request = handshake(URL("ws://user:secret@127.0.0.1:1/x"), {}, verify=True, proxied=True)

    assert request.wire.startswith(b"GET http://127.0.0.1:1/x HTTP/1.1\r\n")
    assert b"secret" not in request.wire


def test_the_goodbye_of_a_server_is_told_and_answered(play: Callable[[Serve, Story], None]) -> None:
    heard: list[tuple[int, bytes]] = []

    async def serve(peer: Peer) -> None:
        await peer.accept()
        peer.send(CLOSE, (4000).to_bytes(2, "big") + b"why")
        heard.append(await peer.frame())

    async def story(socket: WebSocket, _network: Network) -> None:
        with pytest.raises(StepFailed, match="closed by the server with 4000"):
            await socket.read(5)
        while not heard:
            await asyncio.sleep(0)

    play(serve, story)
    assert heard == [(CLOSE, (4000).to_bytes(2, "big"))]


@pytest.mark.parametrize(
    ("data", "detail"), [(b"", "closed"), (b"\x83\x00", "protocol"), (b"\xff\x00", "protocol")]
)
def test_what_is_no_frame_ends_the_connection(
    data: bytes, detail: str, play: Callable[[Serve, Story], None]
) -> None:
    async def serve(peer: Peer) -> None:
        await peer.accept()
        peer.writer.write(data)
        await peer.writer.drain()
        peer.writer.write_eof()

    async def story(socket: WebSocket, _network: Network) -> None:
        with pytest.raises(StepFailed) as caught:
            await socket.read(5)
        assert (caught.value.kind, caught.value.detail) == ("websocket", detail)
        assert not socket.is_open
        with pytest.raises(StepFailed) as caught:
            await socket.write("more")
        assert caught.value.detail == "closed"

    play(serve, story)


def test_extensions_are_not_asked_for() -> None:
    headers = {"sec-websocket-extensions": "permessage-deflate", "Sec-WebSocket-Key": "mine"}
    request = handshake(URL("ws://127.0.0.1:1/x"), headers, verify=True, proxied=False)

    assert b"xtensions" not in request.wire
    assert b"mine" not in request.wire


@pytest.mark.parametrize("between", [b", ", b" ,\t", b"\r\nCONNECTION: "])
def test_an_answer_may_name_more_than_was_asked(
    play: Callable[[Serve, Story], None], between: bytes
) -> None:
    """Connection and Upgrade are lists, in any letter case (RFC 6455, 4.1; RFC 9110, 7.8)."""

    async def serve(peer: Peer) -> None:
        connection = between.join((b"keep-alive", b"UPGRADE", b"close"))
        await peer.accept(upgrade=b"h2c, WebSocket \t", connection=connection)
        peer.send(TEXT, b"hello")

    async def story(socket: WebSocket, _network: Network) -> None:
        assert (await socket.read(5)).text == "hello"

    play(serve, story)


def test_a_server_that_insists_on_an_extension_has_not_agreed() -> None:
    async def serve(peer: Peer) -> None:
        await peer.accept(connection=b"Upgrade\r\nSec-WebSocket-Extensions: permessage-deflate")

    async def main() -> None:
        async with served(serve) as url:
            network = Network(HttpOptions())
            with pytest.raises(StepFailed, match="insists on permessage-deflate"):
                await opened(network, url)
            await network.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", "answered 302"),
        (b"HTTP/1.1 200 OK\r\n\r\na body that does not end", "answered 200"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "Upgrade is ''"),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n%b"
            % b"Sec-WebSocket-Accept: bm90IG91cnM=\r\n\r\n",
            "Sec-WebSocket-Accept is 'bm90IG91cnM='",
        ),
    ],
)
def test_a_server_that_does_not_agree_is_no_websocket(answer: bytes, told: str) -> None:
    failure = failing_to_open(answer)

    assert (failure.kind, failure.detail) == ("websocket", "handshake")
    assert told in str(failure)
