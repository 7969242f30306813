"""Test that header blocks that are looked up mean what decoding them again would give."""

from __future__ import annotations

from boomtalk.engine.http.http2_headers import HeaderDecoder, HeaderEncoder, KnownBlocks
from hpack import Decoder, Encoder
from hypothesis import given
from hypothesis import strategies as st

NAMES = [b"date", b"server", b"etag", b"x-id", b"content-type"]
VALUES = [b"", b"a", b"nginx", b"Thu, 26 Nov 2026 23:21:29 GMT", b"v" * 900, b"w" * 5_000]
FIELDS = st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES), st.booleans())
BLOCKS = st.lists(st.lists(FIELDS, max_size=6), min_size=1, max_size=4)


@given(BLOCKS, st.lists(st.integers(0, 3), max_size=30), st.booleans(), st.data())
def test_known_blocks_change_nothing(
    blocks: list[list[tuple[bytes, bytes, bool]]],
    order: list[int],
    has_memory: bool,
    data: st.DataObject,
) -> None:
    """A server either uses its table, or encodes each block as if it was the first one."""
    shared = KnownBlocks()
    ours = [HeaderDecoder(shared), HeaderDecoder(shared)]
    theirs, encoders = [Decoder(), Decoder()], [Encoder(), Encoder()]
    for number in order:
        which = data.draw(st.integers(0, 1))
        if has_memory and data.draw(st.integers(0, 9)) == 0:
            encoders[which].header_table_size = data.draw(st.sampled_from([0, 100, 4096]))
        encoder = encoders[which] if has_memory else Encoder()
        fields = [(b":status", b"200", False), *blocks[number % len(blocks)]]
        block = encoder.encode(fields)
        wanted = [(bytes(name), bytes(value)) for name, value in theirs[which].decode(block, True)]
        assert ours[which].decode(block)._pairs == wanted
        tables = [one.header_table.dynamic_entries for one in (ours[which]._decoder, theirs[which])]
        assert tables[0] == tables[1]


@given(BLOCKS, st.lists(st.integers(0, 3), max_size=30), st.data())
def test_requests_that_are_looked_up_read_the_same(
    blocks: list[list[tuple[bytes, bytes, bool]]], order: list[int], data: st.DataObject
) -> None:
    encoder, decoder = HeaderEncoder(), Decoder()
    for number in order:
        if data.draw(st.integers(0, 9)) == 0:
            encoder.limit(data.draw(st.sampled_from([0, 100, 4096, 100_000])))
        fields = tuple((name, value) for name, value, _ in blocks[number % len(blocks)])
        block = encoder.encode(fields)
        assert tuple(decoder.decode(block, raw=True)) == fields
