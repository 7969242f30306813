"""This module writes frames of a websocket as a client: whole and masked (RFC 6455, 5.2)."""

from __future__ import annotations

import random
import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
LONGEST_CONTROL = 125

_FINAL, _MASKED = 0x80, 0x80
_short = struct.Struct("!BB").pack
_medium = struct.Struct("!BBH").pack
_long = struct.Struct("!BBQ").pack
# These describe an end without a code, and a frame must not carry them (RFC 6455, 7.4.1).
_NEVER_SENT = frozenset({1005, 1006, 1015})


def frame(opcode: int, payload: bytes) -> bytes:
    """Return the bytes of one message, or of a control frame."""
    length = len(payload)
    first = _FINAL | opcode
    if length < 126:
        head = _short(first, _MASKED | length)
    elif length < 2**16:
        head = _medium(first, _MASKED | 126, length)
    else:
        head = _long(first, _MASKED | 127, length)
    # The mask protects proxies from pages that imitate HTTP, so here any random number will do.
    mask = random.getrandbits(32).to_bytes(4, "big")
    return head + mask + _masked(payload, mask)


def goodbye(code: int, reason: bytes = b"") -> bytes:
    """Return the payload of a close frame, which is empty for a code that is never sent."""
    return b"" if code in _NEVER_SENT else code.to_bytes(2, "big") + reason


def _masked(payload: bytes, mask: bytes) -> bytes:
    length = len(payload)
    key = (mask * (length // 4 + 1))[:length]
    number = int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")
    return number.to_bytes(length, "big")
