"""Test how a websocket handles the frames of a server (RFC 6455): it reads, answers or ends.

The list covers groups 1 to 7 of the Autobahn test suite for clients.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from boomtalk.engine.errors import StepFailed
from boomtalk.engine.http.channel import Channel, Wire
from boomtalk.engine.http.deadline import Deadlines
from boomtalk.engine.http.head import Heads
from boomtalk.engine.http.websocket import WebSocket
from hypothesis import given
from hypothesis import strategies as st

MOST = 70_000
CONTINUED, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
EURO = "€".encode()


def whole(opcode: int, payload: bytes = b"", flags: int = 0x80) -> bytes:
    """Return a frame as servers write it; the last one of its message unless `flags` differ."""
    length = len(payload)
    if length < 126:
        size = bytes((length,))
    elif length < 65_536:
        size = b"\x7e" + length.to_bytes(2, "big")
    else:
        size = b"\x7f" + length.to_bytes(8, "big")
    return bytes((flags | opcode,)) + size + payload


def part(opcode: int, payload: bytes = b"") -> bytes:
    return whole(opcode, payload, flags=0)


def close(code: int, reason: bytes = b"") -> bytes:
    return whole(CLOSE, code.to_bytes(2, "big") + reason)


class FakeTransport(asyncio.Transport):
    """The socket: what is written to it, and whether it may be read."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.reads = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return False

    def abort(self) -> None:
        """Nobody minds."""

    def pause_reading(self) -> None:
        self.reads = False

    def resume_reading(self) -> None:
        self.reads = True

    def frames(self) -> list[tuple[int, bytes]]:
        """Return opcode and payload of what was written behind the handshake."""
        data, found = self.written.partition(b"\r\n\r\n")[2], []
        while data:
            length, mask, rest = data[1] & 0x7F, data[2:6], data[6:]
            assert data[1] & 0x80, "a client masks"
            payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(rest[:length]))
            found.append((data[0] & 0x0F, payload))
            data = rest[length:]
        return found


@dataclass
class Opened:
    socket: WebSocket
    channel: Channel
    transport: FakeTransport

    async def texts(self) -> list[bytes]:
        """Read until the end; at least one thing has to have ended it."""
        found: list[bytes] = []
        while True:
            try:
                found.append((await self.socket.read(5)).content)
            except StepFailed as failure:
                self.failure = failure
                return found


async def opened() -> Opened:
    channel, transport = Channel(asyncio.get_running_loop(), Wire(), MOST, Heads()), FakeTransport()
    channel.connection_made(transport)
    channel._is_ours = True
    answer = channel.exchange(b"GET / HTTP/1.1\r\n\r\n", body=False)
    channel.data_received(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    )
    assert not transport.reads, "frames wait for somebody who can read them"
    socket = WebSocket(channel, await answer, MOST, Deadlines(asyncio.get_running_loop()))
    assert transport.reads
    return Opened(socket, channel, transport)


GOODBYE = close(1000)
MESSAGES = {
    "nothing but a goodbye": ([], []),
    "empty messages": ([whole(TEXT), whole(BINARY)], [b"", b""]),
    "every length field": (
        [whole(BINARY, b"x" * length) for length in (125, 126, 127, 65_535, 65_536, MOST)],
        [b"x" * length for length in (125, 126, 127, 65_535, 65_536, MOST)],
    ),
    "a length in more bytes than it needs": (
        [b"\x82\x7f" + (3).to_bytes(8, "big") + b"abc", b"\x82\x7e\x00\x01d"],
        [b"abc", b"d"],
    ),
    "binary that is not UTF-8": ([whole(BINARY, b"\xff\xfe")], [b"\xff\xfe"]),
    "text of every plane": ([whole(TEXT, "aé€😀\0\uffff".encode())], ["aé€😀\0\uffff".encode()]),
    "two fragments": ([part(TEXT, b"a"), whole(CONTINUED, b"b")], [b"ab"]),
    "fragments without content": (
        [part(TEXT), part(CONTINUED), whole(CONTINUED), part(BINARY), whole(CONTINUED, b"x")],
        [b"", b"x"],
    ),
    "a character cut between fragments": (
        [part(TEXT, EURO[:1]), part(CONTINUED, EURO[1:2]), whole(CONTINUED, EURO[2:])],
        [EURO],
    ),
    "any bytes in fragments of a binary": (
        [part(BINARY, b"\xff"), whole(CONTINUED, b"\xc3")],
        [b"\xff\xc3"],
    ),
    "an unasked pong": ([whole(PONG, b"what?"), whole(TEXT, b"a")], [b"a"]),
    "a pong among fragments": (
        [part(TEXT, b"a"), whole(PONG), whole(CONTINUED, b"b")],
        [b"ab"],
    ),
}


CONTENTS = st.one_of(st.text(max_size=130).map(str.encode), st.binary(max_size=130))
FRAMES = st.one_of(
    st.builds(whole, st.sampled_from((TEXT, BINARY)), CONTENTS),
    st.builds(whole, st.sampled_from((CONTINUED, TEXT, BINARY, PING, PONG)), CONTENTS),
    st.builds(part, st.sampled_from((CONTINUED, TEXT, BINARY)), CONTENTS),
    st.binary(max_size=4),
)


async def read_in(chunks: list[bytes]) -> tuple[list[bytes], str, str, list[tuple[int, bytes]]]:
    """Return the messages in these reads, how they end, and what is answered."""
    story = await opened()
    for chunk in chunks:
        story.channel.data_received(chunk)
    story.channel.connection_lost(None)
    texts = await story.texts()
    return texts, story.failure.kind, story.failure.detail, story.transport.frames()


@given(frames=st.lists(FRAMES, max_size=6), sizes=st.lists(st.integers(1, 140), min_size=1))
def test_reads_of_whole_frames_say_the_same_as_the_same_bytes_cut_and_joined(
    frames: list[bytes], sizes: list[int]
) -> None:
    """A read of one whole frame takes a shorter way; that of single bytes never does."""
    data = b"".join(frames)
    cut, place = [], 0
    for size in sizes * (len(data) // len(sizes) + 1):
        cut.append(data[place : place + size])
        place += size
    ways = ([one for one in frames if one], [data], [one for one in cut if one])

    async def main() -> None:
        single = await read_in([bytes((byte,)) for byte in data])
        for way in ways:
            assert await read_in([chunk for chunk in way if chunk]) == single

    asyncio.run(main())


@pytest.mark.parametrize("name", MESSAGES)
def test_messages_are_read_however_they_are_cut(name: str) -> None:
    frames, expected = MESSAGES[name]
    data = b"".join(frames) + GOODBYE

    async def main(step: int) -> list[bytes]:
        story = await opened()
        for start in range(0, len(data), step):
            story.channel.data_received(data[start : start + step])
        found = await story.texts()
        assert story.failure.message == "closed by the server with 1000"
        assert story.transport.frames() == [(CLOSE, b"\x03\xe8")]
        return found

    steps = [len(data), 7] if len(data) < 1_000 else [len(data), 65_536, 4_099]
    for step in [1, *steps] if len(data) < 1_000 else steps:
        assert asyncio.run(main(step)) == expected


PINGS = {
    "empty": ([whole(PING)], [b""]),
    "as long as may be": ([whole(PING, b"p" * 125)], [b"p" * 125]),
    "bytes of any kind": ([whole(PING, b"\0\xff\xfe")], [b"\0\xff\xfe"]),
    "among fragments": (
        [part(TEXT, b"a"), whole(PING, b"1"), part(CONTINUED), whole(PING, b"2")],
        [b"1", b"2"],
    ),
}


@pytest.mark.parametrize("name", PINGS)
def test_a_ping_is_answered_at_once_with_its_content(name: str) -> None:
    frames, expected = PINGS[name]

    async def main() -> None:
        story = await opened()
        story.channel.data_received(b"".join(frames))
        assert story.transport.frames() == [(PONG, content) for content in expected]

    asyncio.run(main())


PROTOCOL, NOT_UTF8, TOO_LARGE = 1002, 1007, 1009
BROKEN = {
    # 5.2: reserved bits and opcodes
    "RSV1": ([whole(TEXT, b"a", flags=0xC0)], PROTOCOL),
    "RSV2 of a ping": ([whole(PING, b"", flags=0xA0)], PROTOCOL),
    "RSV3 of a close": ([whole(CLOSE, b"", flags=0x90)], PROTOCOL),
    **{f"opcode {code}": ([whole(code)], PROTOCOL) for code in (3, 4, 5, 6, 7)},
    **{f"opcode {code}": ([whole(code)], PROTOCOL) for code in (11, 12, 13, 14, 15)},
    # 5.1: a server does not mask
    "a mask": ([b"\x81\x81\x00\x00\x00\x00a"], PROTOCOL),
    "a mask and a long text": ([b"\x81\xfe\x00\x80\x00\x00\x00\x00" + b"a" * 128], PROTOCOL),
    # 5.5: control frames
    "a long ping": ([whole(PING, b"p" * 126)], PROTOCOL),
    "a long close": ([close(1000, b"r" * 124)], PROTOCOL),
    "a ping in fragments": ([part(PING, b"a"), whole(CONTINUED, b"b")], PROTOCOL),
    "a close in fragments": ([part(CLOSE)], PROTOCOL),
    # 5.4: fragments
    "the end of nothing": ([whole(CONTINUED, b"a")], PROTOCOL),
    "the middle of nothing": ([part(CONTINUED, b"a")], PROTOCOL),
    "a message within another": ([part(TEXT, b"a"), whole(TEXT, b"b")], PROTOCOL),
    "a message behind an empty fragment": ([part(TEXT), whole(BINARY, b"b")], PROTOCOL),
    "two beginnings": ([part(TEXT, b"a"), part(TEXT, b"b")], PROTOCOL),
    # 5.6 and 8.1: UTF-8
    "Latin-1": ([whole(TEXT, b"caf\xe9")], NOT_UTF8),
    "a continuation byte alone": ([whole(TEXT, b"\x80")], NOT_UTF8),
    "a character that ends too early": ([whole(TEXT, EURO[:2])], NOT_UTF8),
    "an overlong slash": ([whole(TEXT, b"\xc0\xaf")], NOT_UTF8),
    "half of a surrogate pair": ([whole(TEXT, b"\xed\xa0\x80")], NOT_UTF8),
    "above the last plane": ([whole(TEXT, b"\xf4\x90\x80\x80")], NOT_UTF8),
    "a byte of no character": ([whole(TEXT, b"a\xff")], NOT_UTF8),
    "broken in the first fragment": ([part(TEXT, b"\xffa")], NOT_UTF8),
    "broken in a later fragment": ([part(TEXT, b"a"), part(CONTINUED, b"\xe9a")], NOT_UTF8),
    "a character cut and not continued": ([part(TEXT, EURO[:2]), whole(CONTINUED)], NOT_UTF8),
    "the reason of a close": ([close(1000, b"\xff")], NOT_UTF8),
    # 7.4: codes
    "a close of one byte": ([whole(CLOSE, b"\x03")], PROTOCOL),
    **{
        f"code {code}": ([close(code)], PROTOCOL)
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535)
    },
    # the length in the header is enough to refuse a message
    "a large message": ([whole(BINARY, b"x" * (MOST + 1))[:10]], TOO_LARGE),
    "a large message in fragments": (
        [part(BINARY, b"x" * MOST), b"\x00\x01"],
        TOO_LARGE,
    ),
    "a length of 63 bits": ([b"\x82\x7f\x7f" + b"\xff" * 7], TOO_LARGE),
    "a length of 64 bits": ([b"\x82\x7f" + b"\xff" * 8], TOO_LARGE),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_the_protocol_ends_the_websocket(name: str) -> None:
    frames, code = BROKEN[name]

    async def main(step: int) -> None:
        story, data = await opened(), whole(TEXT, b"before") + b"".join(frames)
        for start in range(0, len(data), step):
            story.channel.data_received(data[start : start + step])
        story.channel.data_received(whole(TEXT, b"behind") + GOODBYE)
        assert not story.socket.is_open
        assert await story.texts() == [b"before"]
        told = (story.failure.kind, story.failure.detail)
        assert told == (("too_large", "") if code == TOO_LARGE else ("websocket", "protocol"))
        assert story.transport.frames() == [(CLOSE, code.to_bytes(2, "big"))]

    for step in (1_000_000, 1) if name != "a large message in fragments" else (1_000_000,):
        asyncio.run(main(step))


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1011, 1012, 1014, 3000, 4999])
def test_a_goodbye_is_given_back_and_means_the_end(code: int) -> None:
    async def main() -> None:
        story = await opened()
        story.channel.data_received(close(code, "schön".encode()) + whole(TEXT, b"behind"))
        story.channel.data_received(whole(PING, b"behind"))
        assert not story.socket.is_open
        assert await story.texts() == []
        assert story.failure.message == f"closed by the server with {code}: schön"
        message = await story.socket.close(1000, 5)
        assert (message.status, message.text) == (code, "schön")
        assert story.transport.frames() == [(CLOSE, code.to_bytes(2, "big"))]

    asyncio.run(main())


def test_a_goodbye_without_a_code_is_1005_and_answered_without_one() -> None:
    async def main() -> None:
        story = await opened()
        story.channel.data_received(whole(CLOSE))
        assert (await story.socket.close(1000, 5)).status == 1005
        assert story.transport.frames() == [(CLOSE, b"")]

    asyncio.run(main())


@pytest.mark.parametrize("code", [1005, 1006, 1015])
def test_a_code_that_never_stands_in_a_frame_is_not_sent(code: int) -> None:
    async def main() -> None:
        story = await opened()
        closing = asyncio.ensure_future(story.socket.close(code, 5))
        await asyncio.sleep(0)
        story.channel.data_received(whole(TEXT, b"on its way") + close(1000))
        assert (await closing).status == 1000
        assert story.transport.frames() == [(CLOSE, b"")]

    asyncio.run(main())


@pytest.mark.parametrize("answer", [close(1005), close(1000, b"\xff"), whole(TEXT, b"\xff")])
def test_a_goodbye_that_is_answered_by_a_broken_frame_has_failed(answer: bytes) -> None:
    async def main() -> None:
        story = await opened()
        closing = asyncio.ensure_future(story.socket.close(1000, 5))
        await asyncio.sleep(0)
        story.channel.data_received(answer)
        with pytest.raises(StepFailed) as caught:
            await closing
        assert (caught.value.kind, caught.value.detail) == ("websocket", "protocol")
        assert story.transport.frames() == [(CLOSE, b"\x03\xe8")]

    asyncio.run(main())


def test_what_nobody_reads_waits_in_the_socket() -> None:
    async def main() -> None:
        story = await opened()
        sent = 0
        while story.transport.reads:
            assert sent < 1_000
            story.channel.data_received(whole(TEXT, b"%1000d" % sent))
            sent += 1
        assert 100 < sent < 200
        for number in range(sent):
            assert (await story.socket.read(5)).content == b"%1000d" % number
        assert story.transport.reads

    asyncio.run(main())


def test_a_goodbye_of_ours_lets_go_of_what_nobody_read() -> None:
    async def main() -> None:
        story = await opened()
        while story.transport.reads:
            story.channel.data_received(whole(TEXT, b"x" * 1_000))
        closing = asyncio.ensure_future(story.socket.close(1000, 5))
        await asyncio.sleep(0)
        assert story.transport.reads
        story.channel.data_received(whole(TEXT, b"x" * 60_000) * 10)
        assert story.transport.reads
        story.channel.data_received(close(4000, b"why"))
        message = await closing
        assert (message.status, message.text) == (4000, "why")

    asyncio.run(main())
