"""Content encodings (RFC 9110, 8.4): a body as it was before the server packed it."""

from __future__ import annotations

from typing import Protocol

from aiohttp.compression_utils import (
    BrotliDecompressor,
    ZLibDecompressor,
    ZSTDDecompressor,
)

from ..errors import StepFailed


class _Unpacker(Protocol):
    def decompress_sync(self, data: bytes, max_length: int) -> bytes: ...


def decoded(content: bytes, encoding: str, most: int) -> bytes:
    """Return the body unpacked; one in an encoding that is not known stays as it came.

    Raises StepFailed: `decode` for what is not in that encoding, `too_large` for what would be
    more than `most` bytes. A packed body that ends early gives what it held.
    """
    try:
        unpacker = _unpacker(encoding.lower(), content)
        if unpacker is None:
            return content
        unpacked = unpacker.decompress_sync(content, max_length=most + 1)
    except Exception as error:  # each library has errors of its own
        raise StepFailed("decode", f"cannot decode content-encoding {encoding}: {error}") from error
    if len(unpacked) > most:
        raise StepFailed("too_large", f"body over {most} bytes")
    return unpacked


def _unpacker(encoding: str, content: bytes) -> _Unpacker | None:
    if encoding == "gzip":
        return ZLibDecompressor(encoding)
    if encoding == "deflate":
        # Many servers leave out the header that belongs there (RFC 9110, 8.4.1.2).
        return ZLibDecompressor(encoding, suppress_deflate_header=content[0] & 0xF != 8)
    if encoding == "br":
        return BrotliDecompressor()
    if encoding == "zstd":
        return ZSTDDecompressor()
    return None
