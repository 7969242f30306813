"""This module reads and writes the frames of HTTP/2 (RFC 9113, 4 and 6)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from struct import Struct
from typing import NamedTuple

# Frame types.
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS = range(5)
PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(5, 10)
# Flags.
END_STREAM = ACK = 0x1
END_HEADERS = 0x4
PADDED = 0x8
HAS_PRIORITY = 0x20
# Settings.
HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS = 1, 2, 3
INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE = 4, 5, 6

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
FIRST_WINDOW = 2**16 - 1  # of a connection, and of a stream until SETTINGS change it
BIGGEST_WINDOW = 2**31 - 1
SMALLEST_FRAME_LIMIT, LARGEST_FRAME_LIMIT = 2**14, 2**24 - 1

_HEAD = Struct(">HBBBL")  # the length has 24 bits
_HEAD_SIZE = 9
_SETTING = Struct(">HL")
_NUMBER = Struct(">L")


class Code(IntEnum):
    """The error codes of RST_STREAM and GOAWAY (RFC 9113, 7)."""

    NO_ERROR = 0
    PROTOCOL_ERROR = 1
    INTERNAL_ERROR = 2
    FLOW_CONTROL_ERROR = 3
    SETTINGS_TIMEOUT = 4
    STREAM_CLOSED = 5
    FRAME_SIZE_ERROR = 6
    REFUSED_STREAM = 7
    CANCEL = 8
    COMPRESSION_ERROR = 9
    CONNECT_ERROR = 10
    ENHANCE_YOUR_CALM = 11
    INADEQUATE_SECURITY = 12
    HTTP_1_1_REQUIRED = 13


class ProtocolError(Exception):
    """The server broke the protocol in a way that ends the connection."""

    def __init__(self, message: str, code: Code = Code.PROTOCOL_ERROR) -> None:
        super().__init__(message)
        self.code = code


class Frame(NamedTuple):
    type: int
    flags: int
    stream: int
    payload: bytes


class FrameSplitter:
    """Cuts what arrives into frames; `limit` is the longest payload that we take."""

    __slots__ = ("_limit", "_rest")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that these bytes complete; raises ProtocolError for one too long."""
        if self._rest:
            data = self._rest + data
        place, end = 0, len(data)
        while end - place >= _HEAD_SIZE:
            high, low, type_, flags, stream = _HEAD.unpack_from(data, place)
            length = high << 8 | low
            if length > self._limit:
                raise ProtocolError(f"a frame of {length} bytes", Code.FRAME_SIZE_ERROR)
            behind = place + _HEAD_SIZE + length
            if behind > end:
                break
            yield Frame(type_, flags, stream & BIGGEST_WINDOW, data[place + _HEAD_SIZE : behind])
            place = behind
        self._rest = data[place:]


def frame(type_: int, flags: int, stream: int, payload: bytes | memoryview) -> bytes:
    length = len(payload)
    return _HEAD.pack(length >> 8, length & 0xFF, type_, flags, stream) + payload


def header_frames(stream: int, block: bytes, ends: bool, limit: int) -> bytes:
    """Return a header block as HEADERS and, if it is long, CONTINUATION frames."""
    flags = END_STREAM if ends else 0
    if len(block) <= limit:
        return frame(HEADERS, flags | END_HEADERS, stream, block)
    written = [frame(HEADERS, flags, stream, block[:limit])]
    for place in range(limit, len(block), limit):
        last = END_HEADERS if place + limit >= len(block) else 0
        written.append(frame(CONTINUATION, last, stream, block[place : place + limit]))
    return b"".join(written)


def settings_frame(values: dict[int, int]) -> bytes:
    return frame(SETTINGS, 0, 0, b"".join(_SETTING.pack(*pair) for pair in values.items()))


def number_frame(type_: int, stream: int, number: int) -> bytes:
    """Return a WINDOW_UPDATE or an RST_STREAM."""
    return frame(type_, 0, stream, _NUMBER.pack(number))


def goaway_frame(code: Code) -> bytes:
    """Return a GOAWAY. A client that takes no pushes has processed no stream of the server."""
    return frame(GOAWAY, 0, 0, _NUMBER.pack(0) + _NUMBER.pack(code))


def settings_of(payload: bytes) -> list[tuple[int, int]]:
    if len(payload) % _SETTING.size:
        raise ProtocolError(f"SETTINGS of {len(payload)} bytes", Code.FRAME_SIZE_ERROR)
    return list(_SETTING.iter_unpack(payload))


def number_of(payload: bytes, what: str) -> int:
    """Return the number of an RST_STREAM or a WINDOW_UPDATE."""
    if len(payload) != _NUMBER.size:
        raise ProtocolError(f"{what} of {len(payload)} bytes", Code.FRAME_SIZE_ERROR)
    return int.from_bytes(payload, "big")


def farewell_of(payload: bytes) -> tuple[int, int, bytes]:
    """Return the last stream, the code and the text of a GOAWAY."""
    if len(payload) < 2 * _NUMBER.size:
        raise ProtocolError(f"GOAWAY of {len(payload)} bytes", Code.FRAME_SIZE_ERROR)
    last = int.from_bytes(payload[:4], "big") & BIGGEST_WINDOW
    return last, int.from_bytes(payload[4:8], "big"), payload[8:]


def unpadded(frame: Frame) -> bytes:
    """Return the payload of DATA or HEADERS without padding and priority."""
    _type, flags, _stream, payload = frame
    padding = 0
    if flags & PADDED:
        if not payload:
            raise ProtocolError("padding without a length", Code.FRAME_SIZE_ERROR)
        padding, payload = payload[0], payload[1:]
    if frame.type == HEADERS and flags & HAS_PRIORITY:
        if len(payload) < 5:
            raise ProtocolError("a priority without its fields", Code.FRAME_SIZE_ERROR)
        payload = payload[5:]
    if padding > len(payload):
        raise ProtocolError("more padding than payload")
    return payload[: len(payload) - padding]


def name_of(code: int) -> str:
    try:
        return Code(code).name
    except ValueError:
        return f"error {code:#x}"
