"""This module codes the headers of HTTP/2 (RFC 9113, 8): requests to blocks, blocks to heads.

HPACK itself (RFC 7541) is done by the package `hpack`. Most blocks of a load came before and are
looked up: the same block means the same headers as long as the table stays as it is, and some
blocks do not even depend on the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from itertools import chain

from hpack import Decoder, Encoder, HPACKError
from hpack.table import HeaderTable

from ..errors import StepFailed
from .head import Head
from .http2_frames import Code, ProtocolError

Fields = tuple[tuple[bytes, bytes], ...]

LONGEST_LIST = 128 * 8190  # as in HTTP/1.1
_LONGEST_TABLE = 4096
_MOST_KNOWN = 64
_LONGEST_CODED = 4096
# Headers that speak of the connection, which HTTP/2 does without (RFC 9113, 8.2.2).
_OF_THE_CONNECTION = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
)
_LEFT_OUT = _OF_THE_CONNECTION | {b"host", b"http2-settings"}
_NAME = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")
_UNFIT = re.compile(rb"[\0\r\n]")
# One byte each: a field of the table (RFC 7541, 6.1) with a small index.
_INDEXED = bytes(range(0x81, 0xFF))


@lru_cache(maxsize=1024)
def fields_of(head: bytes) -> Fields:
    """Return the header fields of a request head that is written as in HTTP/1.1."""
    first, *lines = head.split(b"\r\n")
    method, target, _version = first.split(b" ")
    pairs = [_field(line) for line in lines if line]
    hosts = [value for name, value in pairs if name == b"host"]
    named = {
        option.strip().lower()
        for name, value in pairs
        if name == b"connection"
        for option in value.split(b",")
    }
    left_out = _LEFT_OUT | named
    return (
        (b":method", method),
        (b":scheme", b"https"),
        (b":authority", hosts[0] if hosts else b""),
        (b":path", target),
        *(
            pair
            for pair in pairs
            if pair[0] not in left_out and (pair[0] != b"te" or pair[1].lower() == b"trailers")
        ),
    )


def _field(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b":")
    return name.lower(), value.strip(b" \t")


class HeaderEncoder:
    """Encodes the headers of the requests of one connection."""

    __slots__ = ("_encoder", "_known")

    def __init__(self) -> None:
        self._encoder = Encoder()
        self._known: dict[Fields, bytes] = {}

    def limit(self, table_size: int) -> None:
        """Use no larger table than the server allows."""
        size = min(table_size, _LONGEST_TABLE)
        if size != self._encoder.header_table_size:
            self._known.clear()
            self._encoder.header_table_size = size

    def encode(self, fields: Fields) -> bytes:
        known = self._known
        if (block := known.get(fields)) is not None:
            return block
        # The time for a Huffman code grows with the square of a value's length.
        is_short = sum(map(len, chain.from_iterable(fields))) < _LONGEST_CODED
        block = self._encoder.encode(fields, huffman=is_short)
        if block.translate(None, _INDEXED) or len(known) == _MOST_KNOWN:
            known.clear()
        else:
            known[fields] = block
        return block


class KnownBlocks:
    """Blocks that mean the same on every connection of a run, as those of nginx do.

    Such a block refers to nothing that blocks before it left in the table. It is kept with its
    additions to the table, which still must be made. Learning costs as much as decoding, so it
    pauses while few blocks come again.
    """

    __slots__ = ("_hits", "_known", "_tries")

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[Block, list[tuple[bytes, bytes]]]] = {}
        self._hits = self._tries = 0

    def find(self, data: bytes, table: HeaderTable) -> Block | None:
        """Return a known block, and make its additions to the table."""
        known = self._known.get(data)
        if known is None:
            return None
        self._hits += 1
        block, additions = known
        for name, value in additions:
            table.add(name, value)
        return block

    def learn(self, data: bytes, block: Block) -> None:
        """Remember a block if it can be decoded with an empty table, which it does not fill."""
        if block.size > _LONGEST_TABLE or self._tries > _MOST_KNOWN + 8 * self._hits:
            return
        self._tries += 1
        fresh = Decoder()
        try:
            fresh.decode(data, raw=True)
        except (HPACKError, ValueError):
            return
        if fresh.header_table.resized:
            return
        if len(self._known) == _MOST_KNOWN:
            self._known.clear()
        self._known[data] = block, [*reversed(fresh.header_table.dynamic_entries)]


class HeaderDecoder:
    """Decodes the header blocks of one connection; `shared` are those of the whole run."""

    __slots__ = ("_decoder", "_known", "_shared")

    def __init__(self, shared: KnownBlocks) -> None:
        self._decoder = Decoder(max_header_list_size=LONGEST_LIST)
        # Blocks that mean the same as long as the table does not change.
        self._known: dict[bytes, Block] = {}
        self._shared = shared

    def decode(self, data: bytes) -> Block:
        """Return the headers of a block; raises ProtocolError if it cannot be decoded."""
        if (block := self._known.get(data)) is not None:
            return block
        table = self._decoder.header_table
        size, count, newest = _state(table)
        block = self._shared.find(data, table) or self._decode(data)
        now = _state(table)
        # A new entry is a new object, whatever it holds.
        is_same = now[:2] == (size, count) and now[2] is newest
        if not is_same or len(self._known) == _MOST_KNOWN:
            self._known.clear()
        elif block.size <= _LONGEST_TABLE:
            self._known[data] = block
        return block

    def _decode(self, data: bytes) -> Block:
        try:
            block = Block(self._decoder.decode(data, raw=True))
        # hpack lets an IndexError through for some blocks that end too early.
        except (HPACKError, IndexError, ValueError) as error:
            told = f"a header block that cannot be decoded: {error}"
            raise ProtocolError(told, Code.COMPRESSION_ERROR) from error
        self._shared.learn(data, block)
        return block


def _state(table: HeaderTable) -> tuple[int, int, tuple[bytes, bytes] | None]:
    """Return what tells a change of the table: its size, its length and its newest entry."""
    entries = table.dynamic_entries
    return table.maxsize, len(entries), entries[0] if entries else None


class Block:
    """The decoded headers of one block; what they mean depends on the block's place in a stream."""

    __slots__ = ("_head", "_pairs", "size")

    def __init__(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        self._pairs = [(name, value) for name, value in pairs]
        # As a table counts it (RFC 7541, 4.1).
        self.size = sum(len(name) + len(value) + 32 for name, value in self._pairs)
        self._head: Head | None = None

    def head(self) -> Head:
        """Return the head of a response; raises StepFailed if it is malformed."""
        if self._head is None:
            self._head = _head_of(self._pairs)
        return self._head

    def check_trailers(self) -> None:
        """Raise StepFailed unless these can be trailers, which nobody reads."""
        _check(self._pairs)


def _head_of(pairs: list[tuple[bytes, bytes]]) -> Head:
    if not pairs or pairs[0][0] != b":status":
        raise StepFailed("bad_http", "a response that does not begin with :status")
    told, others = pairs[0][1], pairs[1:]
    if len(told) != 3 or not told.isdigit() or told < b"100":
        raise StepFailed("bad_http", f"{shown(told)} is not a status")
    _check(others)
    lengths = {value for name, value in others if name == b"content-length"}
    if len(lengths) > 1 or not all(length.isdigit() for length in lengths):
        raise StepFailed("bad_http", "a Content-Length that is not a number, or several")
    names, values = [name for name, _ in others], [value for _, value in others]
    return Head(int(told), "2.0", _reason(int(told)), names, values)


def _check(pairs: list[tuple[bytes, bytes]]) -> None:
    """Raise StepFailed for headers that make a message malformed (RFC 9113, 8.2)."""
    for name, value in pairs:
        if not _NAME.fullmatch(name) or name in _OF_THE_CONNECTION:
            raise StepFailed("bad_http", f"{shown(name)} is not a header of HTTP/2")
        if _UNFIT.search(value):
            raise StepFailed("bad_http", f"line break or NUL in the header {shown(name)}")


def shown(data: bytes) -> str:
    return repr(data[:80])[1:]


def _reason(status: int) -> bytes:
    """Return the usual words for a status: HTTP/2 sends none, and Go shows these."""
    try:
        return HTTPStatus(status).phrase.encode()
    except ValueError:
        return b""
