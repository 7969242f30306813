"""Test our reader against aiohttp's parser: the same bytes, in any chunks, mean the same."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.client_exceptions import ClientPayloadError
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import HttpResponseParser
from boomtalk.engine.errors import StepFailed
from boomtalk.engine.http.head import Heads
from boomtalk.engine.http.reader import ResponseReader
from boomtalk.engine.http.response import Response
from hypothesis import given
from hypothesis import strategies as st

_OK = b"HTTP/1.1 200 OK\r\n"
_TWO = b"Content-Length: 2\r\n"


def sized(body: bytes, *headers: bytes) -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return _OK + lines + b"Content-Length: %d\r\n\r\n" % len(body) + body


ALIKE = {
    "a length": sized(b"ok"),
    "no reason": b"HTTP/1.1 200\r\n" + _TWO + b"\r\nok",
    "a reason of several words": b"HTTP/1.1 404 Not Found Here\r\n" + _TWO + b"\r\nno",
    "version 1.0": b"HTTP/1.0 200 OK\r\n" + _TWO + b"\r\nok",
    "version 1.0 that stays": b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + _TWO + b"\r\nok",
    "the last one": sized(b"ok", b"Connection: close"),
    "chunks": _OK + b"Transfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5;x=y\r\nworld\r\n0\r\n\r\n",
    "trailers": _OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-After: 1\r\n\r\n",
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "not modified": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 50\r\n\r\n",
    "hints first": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + sized(b"ok"),
    "two interim responses": b"HTTP/1.1 100 Continue\r\n\r\n" * 2 + sized(b"ok"),
    "one name twice": sized(b"ok", b"Set-Cookie: a=1", b"set-cookie: b=2"),
    "blanks around a value": sized(b"ok", b"X-Odd: \t a value \t "),
    "a folded header": sized(b"ok", b"X-Odd: one\r\n two"),
    "a header in Latin-1": sized(b"ok", b"X-Odd: caf\xe9"),
    "line feeds alone": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "gzip": sized(gzip.compress(b"squeezed" * 99), b"Content-Encoding: GZip"),
    "gzip in two parts": sized(
        gzip.compress(b"a") + gzip.compress(b"b"), b"Content-Encoding: gzip"
    ),
    "deflate": sized(zlib.compress(b"squeezed"), b"Content-Encoding: deflate"),
    "deflate without its header": sized(
        zlib.compress(b"squeezed")[2:-4], b"Content-Encoding: deflate"
    ),
    "the last of two encodings": sized(
        gzip.compress(b"squeezed"), b"Content-Encoding: identity", b"Content-Encoding: gzip"
    ),
    "a long reason": b"HTTP/1.1 200 " + b"O" * 9000 + b"\r\n" + _TWO + b"\r\nok",
    "gzip of nothing": sized(b"", b"Content-Encoding: gzip"),
    "bad gzip": sized(b"not gzip", b"Content-Encoding: gzip"),
    "no HTTP": b"hello\n\n",
    "a status of too many digits": b"HTTP/1.1 999999 Odd\r\n" + _TWO + b"\r\nok",
    "no colon": _OK + b"no colon here\r\n" + _TWO + b"\r\nok",
    "NUL": sized(b"ok", b"X-Odd: a\0b"),
    "two lengths": _OK + _TWO + b"Content-Length: 3\r\n\r\nok",
    "a length and chunks": _OK + _TWO + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "no size of a chunk": _OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n",
    "many headers": sized(b"ok", *(b"X-%d: 1" % number for number in range(200))),
    "a long header": sized(b"ok", b"X-Long: " + b"x" * 9000),
}


@dataclass(frozen=True)
class Read:
    """The parts of a response that a user can see."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    content: bytes
    closes: bool


def pieces(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    edges = sorted({0, len(data), *(cut % len(data) for cut in cuts)})
    return (data[start:end] for start, end in pairwise(edges))


def by_us(data: bytes, cuts: list[int]) -> Read | None:
    reader = ResponseReader(1_000_000, Heads())
    reader.expect(body=True)
    response: Response | None = None
    try:
        for piece in pieces(data, cuts):
            response = reader.feed(piece) or response
    except StepFailed:
        return None
    assert response is not None
    headers = [(name.lower(), value) for name, value in response.headers.items()]
    return Read(response.status, response.reason, headers, response.content, reader.is_spent)


@cache
def by_aiohttp(data: bytes) -> Read | None:
    return asyncio.run(_by_aiohttp(data))


async def _by_aiohttp(data: bytes) -> Read | None:
    loop = asyncio.get_running_loop()
    parser = HttpResponseParser(
        BaseProtocol(loop),
        loop,
        1_000_000,
        payload_exception=ClientPayloadError,
        response_with_body=True,
        read_until_eof=True,
        max_line_size=8190,
        max_field_size=8190,
    )
    try:
        messages, _, _ = parser.feed_data(data)
        message, payload = messages[-1]
        if payload.exception() is not None:
            return None
        content = payload.read_nowait() if payload._buffer else b""
    except HttpProcessingError:
        return None
    headers = [(name.lower(), value) for name, value in message.headers.items()]
    return Read(message.code, message.reason, headers, content, bool(message.should_close))


@pytest.mark.parametrize("name", ALIKE)
@given(cuts=st.lists(st.integers(0, 10_000), max_size=8))
def test_a_response_is_read_as_aiohttp_reads_it(name: str, cuts: list[int]) -> None:
    data = ALIKE[name]

    assert by_us(data, cuts) == by_aiohttp(data)


@pytest.mark.parametrize("name", ["a length", "chunks", "gzip", "hints first"])
def test_a_response_may_come_byte_by_byte(name: str) -> None:
    data = ALIKE[name]

    assert by_us(data, list(range(len(data)))) == by_us(data, [])


UNTIL_CLOSE = {
    "no length": (b"", True),
    "a length": (b"Content-Length: 9\r\n", False),
    "chunks": (b"Transfer-Encoding: chunked\r\n", False),
    "another coding": (b"Transfer-Encoding: identity\r\n", True),
}


@pytest.mark.parametrize("name", UNTIL_CLOSE)
def test_the_end_of_the_connection_may_be_that_of_the_body(name: str) -> None:
    header, is_whole = UNTIL_CLOSE[name]
    reader = ResponseReader(1_000_000, Heads())
    reader.expect(body=True)
    assert reader.feed(_OK + header + b"\r\n5\r\nhello") is None

    if is_whole:
        assert reader.end(None).content == b"5\r\nhello"
    else:
        with pytest.raises(StepFailed) as caught:
            reader.end(None)
        assert caught.value.kind == "truncated"


def test_what_follows_a_response_ends_its_connection() -> None:
    for surplus in (sized(b"again"), b"HTTP/1.1 2"):
        read = by_us(sized(b"ok") + surplus, [])
        assert read is not None
        assert read.content == b"ok"
        assert read.closes


def test_another_protocol_ends_the_connection() -> None:
    upgrade = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"

    for data in (upgrade, upgrade + b"what follows is no HTTP"):
        read = by_us(data, [])
        assert read is not None
        assert (read.status, read.closes) == (101, True)


@pytest.mark.parametrize("begin", [b"", b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"])
def test_a_head_without_end_is_given_up_before_and_behind_a_body(begin: bytes) -> None:
    reader = ResponseReader(1_000_000, Heads())
    reader.expect(body=True)
    reader.feed(_OK + begin)

    def feed_for_ever() -> None:
        while True:
            reader.feed(b"X: 1\r\n" * 100)

    with pytest.raises(StepFailed, match="a head of more than"):
        feed_for_ever()


def test_a_response_to_head_says_how_long_its_body_would_be() -> None:
    reader = ResponseReader(1_000_000, Heads())
    for body, length in ((False, 50), (True, 2), (False, 50)):
        reader.expect(body=body)
        response = reader.feed(_OK + b"Content-Length: %d\r\n\r\n" % length + b"ok" * body)
        assert response is not None
        assert response.content == b"ok" * body
        assert response.headers["content-length"] == str(length)
        assert not reader.is_spent


CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
EXTENSIONS = {
    "a blank before the name": b"5; note=1\r\nhello\r\n0\r\n\r\n",
    "blanks everywhere": b"5 \t; a \t= b ; c\r\nhello\r\n0\r\n\r\n",
    "a quoted value and a blank": b'5;a="b;c" \r\nhello\r\n0\r\n\r\n',
    "in the last chunk": b"5\r\nhello\r\n0; x=y\r\n\r\n",
    "in every chunk": b"1; a\r\nh\r\n4;b = 1\r\nello\r\n000; c\r\n\r\n",
    "nothing behind the mark": b"5;\r\nhello\r\n0;\r\n\r\n",
    "a body of marks": b"5; a\r\n;\r\n; \r\n3\r\n; b\r\n0\r\n\r\n",
    "trailers": b"5; a\r\nhello\r\n0; b\r\nX-After: 1; 2\r\n\r\n",
}


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 103 Early\r\nLink: </;x>\r\n\r\n"])
@pytest.mark.parametrize("name", EXTENSIONS)
def test_blanks_in_chunk_extensions_are_legal(name: str, head: bytes) -> None:
    """RFC 9112, 7.1.1; curl reads them all."""
    data = head + CHUNKED + EXTENSIONS[name]
    content = b";\r\n; ; b" if name == "a body of marks" else b"hello"
    for cuts in ([], list(range(len(data))), list(range(0, len(data), 3))):
        read = by_us(data, cuts)
        assert read is not None
        assert (read.content, read.closes) == (content, False)


def test_a_response_behind_one_with_extensions_is_read_as_ever() -> None:
    reader = ResponseReader(1_000_000, Heads())
    for data in (
        CHUNKED + EXTENSIONS["in every chunk"],
        sized(b"5; a\r\nhello"),
        CHUNKED + b"0\r\n\r\n",
    ):
        reader.expect(body=True)
        response = reader.feed(data)
        assert response is not None
        assert not reader.is_spent


@pytest.mark.parametrize(
    "body",
    [b"5 note=1\r\nhello\r\n", b"5; a\nhello\r\n", b"5; a\r\nhello!\r\n", b"x; a\r\n", b"; a\r\n"],
)
def test_what_is_not_a_chunk_stays_bad(body: bytes) -> None:
    assert by_us(CHUNKED + b"1; a\r\nx\r\n" + body, []) is None


def test_an_extension_without_end_is_given_up() -> None:
    reader = ResponseReader(1_000_000, Heads())
    reader.expect(body=True)
    reader.feed(CHUNKED + b"5; ")

    def feed_for_ever() -> None:
        while True:
            reader.feed(b"x" * 1_000)

    with pytest.raises(StepFailed, match="a head of more than"):
        feed_for_ever()


@pytest.mark.parametrize("status", [b"000", b"099"])
def test_a_status_under_100_is_none(status: bytes) -> None:
    """RFC 9110, 15."""
    for begin in (b"", b"HTTP/1.1 100 Continue\r\n\r\n"):
        reader = ResponseReader(1_000_000, Heads())
        reader.expect(body=True)
        with pytest.raises(StepFailed, match=f"{status.decode()} is not a status"):
            reader.feed(begin + b"HTTP/1.1 " + status + b" X\r\nContent-Length: 2\r\n\r\n")


@pytest.mark.parametrize("line", [b"Content-Length: 2", b"Transfer-Encoding: chunked"])
def test_a_204_has_no_body(line: bytes) -> None:
    """RFC 9110, 8.6 and RFC 9112, 6.1: it is bad itself, and not the response that follows."""
    reader = ResponseReader(1_000_000, Heads())
    reader.expect(body=True)
    with pytest.raises(StepFailed, match="a 204 with a body") as caught:
        reader.feed(b"HTTP/1.1 204 No Content\r\n%b\r\n\r\n" % line)
    assert caught.value.kind == "bad_http"


def test_a_204_may_say_that_it_has_no_body() -> None:
    read = by_us(b"HTTP/1.1 204 No Content\r\nContent-Length: 00\r\n\r\n", [])
    assert read is not None
    assert (read.status, read.closes) == (204, False)
