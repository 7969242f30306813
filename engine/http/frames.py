"""This module writes frames of a websocket as a client: whole and masked (RFC 6455, 5.2)."""

from __future__ import annotations

import struct
from functools import lru_cache
from random import getrandbits

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
LONGEST_CONTROL = 125

_FINAL, _MASKED = 0x80, 0x80
_short = struct.Struct("!BB").pack
_medium = struct.Struct("!BBH").pack
_long = struct.Struct("!BBQ").pack
# These describe an end without a code, and a frame must not carry them (RFC 6455, 7.4.1).
_NEVER_SENT = frozenset({1005, 1006, 1015})


class Unmasked:
    """A frame that is masked anew each time it is sent (RFC 6455, 5.3): a message, or a control.

    It is a number: the head, four empty bytes for the mask, and the payload filled up to whole
    words of four bytes. `_repeats` has a one in the mask's place and in each word of the payload,
    so that its product with a mask is what the number has to be combined with.
    """

    __slots__ = ("_end", "_number", "_repeats", "_size")

    def __init__(self, opcode: int, payload: bytes) -> None:
        head = _head(opcode, len(payload))
        words = (len(payload) + 3) // 4
        self._end = len(head) + 4 + len(payload)
        self._size = len(head) + 4 + 4 * words
        whole = head + bytes(4) + payload
        self._number = int.from_bytes(whole, "big") << 8 * (self._size - self._end)
        self._repeats = _repeats(words + 1)

    def masked(self) -> bytes:
        """Return the bytes of the frame."""
        # The mask protects proxies from pages that imitate HTTP, so any random number will do.
        number = self._number ^ getrandbits(32) * self._repeats
        return number.to_bytes(self._size, "big")[: self._end]


def frame(opcode: int, payload: bytes) -> bytes:
    """Return the bytes of one message, or of a control frame."""
    return Unmasked(opcode, payload).masked()


def goodbye(code: int, reason: bytes = b"") -> bytes:
    """Return the payload of a close frame, which is empty for a code that is never sent."""
    return b"" if code in _NEVER_SENT else code.to_bytes(2, "big") + reason


def _head(opcode: int, length: int) -> bytes:
    first = _FINAL | opcode
    if length < 126:
        return _short(first, _MASKED | length)
    if length < 2**16:
        return _medium(first, _MASKED | 126, length)
    return _long(first, _MASKED | 127, length)


@lru_cache(maxsize=64)
def _repeats(words: int) -> int:
    """Return the number with a one in each word."""
    return int.from_bytes(b"\0\0\0\1" * words, "big")
