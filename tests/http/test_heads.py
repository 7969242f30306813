"""Test that a response whose head is known is read as the parser would read it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from boomtalk.engine.errors import StepFailed
from boomtalk.engine.http.head import Heads
from boomtalk.engine.http.reader import ResponseReader
from hypothesis import given
from hypothesis import strategies as st

_MOST = 1024
_GZIP = bytes.fromhex("1f8b08000000000000ffab5605007a7a6fed02000000")
LINES = (
    "HTTP/1.1 200 OK",
    "HTTP/1.1 204 No Content",
    "HTTP/1.1 304 Not Modified",
    "HTTP/1.1 302 Found",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK",
    "HTTP/1.0 200 OK",
)
FIELDS = (
    "Content-Length: 2",
    "Content-Length: 5",
    "content-length:  2 ",
    "Content-Length: 0",
    "Content-Length: 22",
    "Content-Encoding: gzip",
    "Transfer-Encoding: chunked",
    "Connection: close",
    "Connection: keep-alive",
    "Set-Cookie: a=1",
    "X-Content-Length: 2",
    "X: 1",
)
BODIES = (
    b"",
    b"{}",
    b"{}xyz",
    b"2\r\n{}\r\n0\r\n\r\n",
    b"\r\n\r\n",
    _GZIP,
    b"{}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
)


@st.composite
def conversations(draw: st.DrawFn) -> list[tuple[bytes, list[int], bool]]:
    """Draw responses with few heads and many bodies; where each is cut, and if it may have one."""
    cuts = st.sampled_from([[], [], [], [60], [80], [100]])
    has_body = st.sampled_from([True, True, True, False])
    heads = draw(st.lists(heads_of_any_kind(), min_size=1, max_size=2))
    heard = st.builds(bytes.__add__, st.sampled_from(heads), st.sampled_from(BODIES))
    return draw(st.lists(st.tuples(heard, cuts, has_body), min_size=4, max_size=12))


@st.composite
def heads_of_any_kind(draw: st.DrawFn) -> bytes:
    fields = [
        draw(st.sampled_from(FIELDS[:5])),
        *draw(st.lists(st.sampled_from(FIELDS), max_size=2)),
    ]
    end = draw(st.sampled_from(["\r\n"] * 4 + ["\n"]))
    return end.join([draw(st.sampled_from(LINES)), *fields, "", ""]).encode()


def new_reader(heads: Heads, before: int = 0) -> ResponseReader:
    """Return a reader that has read so many plain responses with the same head."""
    reader = ResponseReader(1_000_000, heads)
    for _ in range(before):
        reader.expect(body=True)
        assert reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1") is not None
    return reader


def read(
    reader: ResponseReader, data: bytes, cuts: list[int], has_body: bool
) -> tuple[object, ...]:
    """Return all that a user can see of a response that comes in pieces, or its failure."""
    reader.expect(body=has_body)
    try:
        for piece in pieces(data, cuts):
            if (response := reader.feed(piece)) is not None:
                break
        else:
            response = reader.end(None)
    except StepFailed as failure:
        return failure.kind, failure.detail, failure.message
    seen = [*response.headers.items()], response.content, response.cookies, response.text
    return response.status, response.proto, response.reason, *seen, reader.is_spent, reader.rest


def pieces(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    edges = sorted({0, len(data), *(cut % len(data) for cut in cuts)})
    return (data[start:end] for start, end in pairwise(edges))


@given(conversations(), st.sampled_from([0, 20]))
def test_known_heads_change_nothing_about_what_is_read(
    told: list[tuple[bytes, list[int], bool]], before: int
) -> None:
    heads = Heads()
    for data, cuts, has_body in told:
        seen = read(new_reader(heads, before), data, cuts, has_body)
        assert seen == read(new_reader(Heads()), data, cuts, has_body)


def test_a_plain_head_that_comes_again_is_not_parsed_again() -> None:
    heads = Heads()
    reader = ResponseReader(1_000_000, heads)
    for number in range(10):
        reader.expect(body=True)
        response = reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % number)
        assert response is not None
        assert response.body == number
    assert (heads.hits, len(heads.known)) == (9, 1)


def test_heads_that_never_come_again_are_soon_not_remembered() -> None:
    heads = Heads()
    reader = ResponseReader(1_000_000, heads)
    most = 0
    for number in range(20 * _MOST):
        reader.expect(body=True)
        reader.feed(b"HTTP/1.1 200 OK\r\nX-Id: %d\r\nContent-Length: 0\r\n\r\n" % number)
        most = max(most, len(heads.known))
    assert most == _MOST


def test_a_huge_head_is_not_remembered() -> None:
    heads = Heads()
    reader = ResponseReader(1_000_000, heads)
    reader.expect(body=True)
    reader.feed(b"HTTP/1.1 200 OK\r\nX: %b\r\nContent-Length: 0\r\n\r\n" % (b"x" * 5000))
    assert heads.known == {}
