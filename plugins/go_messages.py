"""Encode and decode the few protobuf messages of a plugin in Go.

The messages are those of funplugin's `debugtalk.proto` and go-plugin's `grpc_stdio.proto`. They
have only text, bytes and one small number, so generated code would be longer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from .arguments import json_of
from .child import CALL, pack

# The kinds of protobuf's encoding (protobuf.dev/programming-guides/encoding).
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
# Go reads every number of JSON as a float64, which is exact up to 2**53.
_MAYBE_INEXACT = re.compile(rb"\d{16}")


def encode_go_call(call_id: int, arguments: Sequence[Any]) -> bytes:
    """Return the frame of a call; raises ValueError if Go would not get an argument exactly."""
    name, args, kwargs, _ = arguments
    if kwargs:
        raise ValueError("a function in Go has no arguments with names")
    _, payload = json_of(args, args, {})
    inexact = _inexact(args, "args") if _MAYBE_INEXACT.search(payload) else None
    if inexact:
        raise ValueError(f"cannot be sent: {inexact}; pass it as text")
    return pack(CALL, call_id, _field(1, name.encode()) + _field(2, payload))


def _inexact(value: Any, path: str) -> str | None:
    if isinstance(value, int):
        try:
            is_exact = int(float(value)) == value
        except OverflowError:
            is_exact = False
        return None if is_exact else f"{path}: Go would round {value} to a float64"
    if isinstance(value, dict):
        items = [(f"{path}.{key}", item) for key, item in value.items()]
    elif isinstance(value, list | tuple):
        items = [(f"{path}[{index}]", item) for index, item in enumerate(value)]
    else:
        return None
    return next(filter(None, (_inexact(item, inner) for inner, item in items)), None)


def decode_value(message: bytes) -> bytes:
    """Return the JSON of a CallResponse."""
    return next((value for number, value in _fields(message) if number == 1), b"")


def decode_names(message: bytes) -> list[str]:
    """Return the names of a GetNamesResponse."""
    return [value.decode() for number, value in _fields(message) if number == 1]


def decode_printed(message: bytes) -> tuple[int, bytes]:
    """Return the channel (1 for stdout, 2 for stderr) and the text of a StdioData."""
    fields = dict(_fields(message))
    return fields.get(1, b"\0")[0], fields.get(2, b"")


def _field(number: int, value: bytes) -> bytes:
    return bytes([number << 3 | _BYTES]) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Return number and value of each field; raises ValueError if it is not protobuf."""
    at = 0
    while at < len(message):
        tag, at = _read_varint(message, at)
        start, end = _value_at(message, at, tag & 7)
        if end > len(message):
            raise ValueError("a message that ends in the middle of a field")
        yield tag >> 3, message[start:end]
        at = end


def _value_at(message: bytes, at: int, kind: int) -> tuple[int, int]:
    if kind == _BYTES:
        length, at = _read_varint(message, at)
        return at, at + length
    if kind == _VARINT:
        return at, _read_varint(message, at)[1]
    if kind in (_FIXED32, _FIXED64):
        return at, at + (4 if kind == _FIXED32 else 8)
    raise ValueError(f"a field of kind {kind}")


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for position, byte in enumerate(message[at : at + 10]):
        value |= (byte & 127) << (7 * position)
        if byte < 128:
            return value, at + position + 1
    raise ValueError("a number without an end")
