"""Cut messages of a shard into numbered pieces that are small enough for a reply."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import orjson
from msgspec import Struct
from msgspec.structs import asdict

from ..measure.histogram import Histogram

# Ray sends an answer below 100 KiB along with the reply; a larger one is lost with its node.
MOST_BYTES = 64 * 1024
_MORE, _LAST = b"+", b"."


class Outbox:
    """Keeps each piece until a later one is asked for."""

    def __init__(self) -> None:
        self._pieces: dict[int, bytes] = {}
        self._next = 0
        self._news = asyncio.Event()

    def put(self, message: Mapping[str, Any]) -> None:
        for piece in pieces_of(message):
            self._pieces[self._next] = piece
            self._next += 1
        self._news.set()
        self._news = asyncio.Event()

    async def piece(self, number: int, seen: int) -> bytes:
        """Return the piece of this number as soon as it exists; drop those below `seen`."""
        for old in [one for one in self._pieces if one < seen]:
            del self._pieces[old]
        while number >= self._next:
            await self._news.wait()
        return self._pieces[number]


class Inbox:
    """Joins pieces, given in order, to messages."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def add(self, piece: bytes) -> dict[str, Any] | None:
        """Return the message that this piece completes, else None."""
        self._parts.append(piece[1:])
        if piece[:1] == _MORE:
            return None
        message: dict[str, Any] = orjson.loads(zlib.decompress(b"".join(self._parts)))
        self._parts.clear()
        return message


def pieces_of(message: Mapping[str, Any]) -> Iterator[bytes]:
    """Yield the pieces of a message; records and histograms become plain values."""
    plain = orjson.dumps(message, default=_plain, option=orjson.OPT_PASSTHROUGH_DATACLASS)
    packed = zlib.compress(plain, 1)
    for start in range(0, len(packed), MOST_BYTES):
        rest = packed[start : start + MOST_BYTES]
        yield (_MORE if start + MOST_BYTES < len(packed) else _LAST) + rest


def _plain(value: Any) -> Any:
    if isinstance(value, Histogram):
        return value.as_dict()
    if isinstance(value, Struct):
        return asdict(value)
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} cannot be sent")
