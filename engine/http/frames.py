"""Frames of a websocket as a client writes them (RFC 6455, 5.2): whole, and masked."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable

from aiohttp import WSMsgType

_FINAL, _MASKED = 0x80, 0x80
_short = struct.Struct("!BB").pack
_medium = struct.Struct("!BBH").pack
_long = struct.Struct("!BBQ").pack
close_code: Callable[[int], bytes] = struct.Struct("!H").pack


def frame(kind: WSMsgType, payload: bytes) -> bytes:
    """Return the bytes of one message, or of a control frame."""
    length = len(payload)
    first = _FINAL | kind.value
    if length < 126:
        head = _short(first, _MASKED | length)
    elif length < 2**16:
        head = _medium(first, _MASKED | 126, length)
    else:
        head = _long(first, _MASKED | 127, length)
    # Against proxies that take what pages send for HTTP; a load generator need not surprise them.
    mask = random.getrandbits(32).to_bytes(4, "big")
    return head + mask + _masked(payload, mask)


def _masked(payload: bytes, mask: bytes) -> bytes:
    length = len(payload)
    key = (mask * (length // 4 + 1))[:length]
    number = int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")
    return number.to_bytes(length, "big")
