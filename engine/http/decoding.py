"""This module undoes the content encodings of a body (RFC 9110, 8.4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ..errors import StepFailed
from .aiohttp_names import BrotliDecompressor, ZLibDecompressor, ZSTDDecompressor

READABLE = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd"})
# curl's limit. A body with more layers is a bomb.
_MOST_LAYERS = 5


class _Unpacker(Protocol):
    def decompress_sync(self, data: bytes, max_length: int) -> bytes: ...


def decoded(content: bytes, lines: Iterable[str], most: int) -> bytes:
    """Return the body unpacked as the lines of Content-Encoding say, the last encoding first.

    An unknown encoding is not undone, nor is any below it. Raises StepFailed: `decode` for
    bytes that do not fit their encoding, `too_large` for more than `most` bytes in any layer. A
    packed body that ends early gives what it held.
    """
    named = [name.strip().lower() for line in lines for name in line.split(",")]
    encodings = [name for name in named if name and name != "identity"]
    if len(encodings) > _MOST_LAYERS:
        raise StepFailed("decode", f"content-encoding names more than {_MOST_LAYERS} encodings")
    for encoding in reversed(encodings):
        if encoding not in READABLE or not content:
            break
        content = _unpacked(content, encoding, most)
    return content


def _unpacked(content: bytes, encoding: str, most: int) -> bytes:
    try:
        unpacked = _unpacker(encoding, content).decompress_sync(content, max_length=most + 1)
    except Exception as error:  # each library has errors of its own
        raise StepFailed("decode", f"cannot decode content-encoding {encoding}: {error}") from error
    if len(unpacked) > most:
        raise StepFailed("too_large", f"body over {most} bytes")
    return unpacked


def _unpacker(encoding: str, content: bytes) -> _Unpacker:
    if encoding == "br":
        return BrotliDecompressor()
    if encoding == "zstd":
        return ZSTDDecompressor()
    if encoding == "deflate":
        # Many servers leave the zlib header out (RFC 9110, 8.4.1.2).
        return ZLibDecompressor(encoding, suppress_deflate_header=not _has_zlib_header(content))
    return ZLibDecompressor("gzip")


def _has_zlib_header(content: bytes) -> bool:
    return content[0] & 0xF == 8 and int.from_bytes(content[:2], "big") % 31 == 0  # RFC 1950, 2.2
