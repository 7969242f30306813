"""This module reads the frames of a websocket strictly, and joins messages (RFC 6455, 5)."""

from __future__ import annotations

from collections.abc import Iterator
from encodings.utf_8 import IncrementalDecoder

from .frames import BINARY, CLOSE, CONTINUATION, LONGEST_CONTROL, PING, PONG, TEXT

NO_CODE = 1005
PROTOCOL, NOT_UTF8, TOO_LARGE = 1002, 1007, 1009

_WHOLE = frozenset({0x80 | TEXT, 0x80 | BINARY})
_OPCODES = frozenset({CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})
_FINAL, _RESERVED, _OPCODE, _CONTROL, _MASKED = 0x80, 0x70, 0x0F, 0x08, 0x80
# The registered codes that an endpoint may send; 3000 to 4999 are free (RFC 6455, 7.4).
_CODES = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015)})


class ProtocolError(Exception):
    """The server broke the protocol; the close frame that answers it carries `code`."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class FrameReader:
    """Reads the frames of one server; no message may have more than `most` bytes."""

    __slots__ = ("_chunks", "_decoder", "_message", "_most", "_opcode", "_waiting", "_wanted")

    def __init__(self, most: int) -> None:
        self._most = most
        # The bytes of an incomplete frame, their number, and the number needed to go on.
        self._chunks: list[bytes] = []
        self._waiting = self._wanted = 0
        # The fragments of a message, and the opcode of its first one.
        self._opcode: int | None = None
        self._message = bytearray()
        self._decoder = IncrementalDecoder()

    def whole(self, data: bytes) -> bytes | None:
        """Return the message if the bytes are one short frame with all of it, else None.

        This is what most reads bring. `read` would say the same of it, and takes the rest.
        """
        size = len(data)
        if size < 2 or size - 2 != data[1] or data[0] not in _WHOLE:
            return None
        if size > LONGEST_CONTROL or self._waiting or self._opcode is not None:
            return None
        payload = data[2:]
        # A text that is not ASCII must be checked.
        return payload if payload.isascii() or not data[0] & TEXT else None

    def read(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield opcode and payload of each message and control frame that these bytes complete.

        Raises ProtocolError; nothing may be read after it, nor after a close frame.
        """
        if self._waiting:
            self._chunks.append(data)
            self._waiting += len(data)
            if self._waiting < self._wanted:
                return
            data = b"".join(self._chunks)
            self._chunks.clear()
            self._waiting = 0
        place, length = 0, len(data)
        while place < length:
            start, end = self._bounds(data, place)
            if end > length:
                self._chunks.append(data[place:])
                self._waiting, self._wanted = length - place, end - place
                return
            first, payload, place = data[place], data[start:end], end
            if first in _WHOLE:
                if first & TEXT and not payload.isascii():
                    _check_utf8(payload)
                yield first & _OPCODE, payload
            elif first & _CONTROL:
                yield first & _OPCODE, _farewell(payload) if first & _OPCODE == CLOSE else payload
            elif (message := self._join(first, payload)) is not None:
                yield message

    def _bounds(self, data: bytes, place: int) -> tuple[int, int]:
        """Return where the payload of a frame starts and ends.

        If the head is incomplete, the end is that of the bytes needed next.
        """
        start = place + 2
        if len(data) < start:
            return start, start
        size = data[place + 1]
        if size <= LONGEST_CONTROL and data[place] in _WHOLE and self._opcode is None:
            return start, start + size  # most frames need no other check
        if size > LONGEST_CONTROL:
            start += 2 if size == 126 else 8
            if size & _MASKED:
                raise ProtocolError(PROTOCOL, "a masked frame")
            if len(data) < start:
                return start, start
            size = int.from_bytes(data[place + 2 : start], "big")
        self._check(data[place], size)
        return start, start + size

    def _check(self, first: int, size: int) -> None:
        """Refuse a frame that its head already makes illegal."""
        opcode = first & _OPCODE
        if first & _RESERVED:
            raise ProtocolError(PROTOCOL, "a frame with reserved bits")
        if opcode not in _OPCODES:
            raise ProtocolError(PROTOCOL, f"a frame with the unknown opcode {opcode}")
        if opcode & _CONTROL:
            if not first & _FINAL or size > LONGEST_CONTROL:
                raise ProtocolError(PROTOCOL, "a control frame in fragments, or too long")
        elif (opcode == CONTINUATION) is (self._opcode is None):
            raise ProtocolError(PROTOCOL, "fragments of a message out of their order")
        elif len(self._message) + size > self._most:
            raise ProtocolError(TOO_LARGE, f"message over {self._most} bytes")

    def _join(self, first: int, payload: bytes) -> tuple[int, bytes] | None:
        """Take a fragment; return the message if it was the last one."""
        is_last = bool(first & _FINAL)
        if self._opcode is None:
            self._opcode = first & _OPCODE
        if self._opcode == TEXT:
            self._check_text(payload, is_last)
        self._message += payload
        if not is_last:
            return None
        message = self._opcode, bytes(self._message)
        self._opcode = None
        self._message.clear()
        return message

    def _check_text(self, payload: bytes, is_last: bool) -> None:
        """Refuse broken UTF-8; two fragments may share a character."""
        try:
            self._decoder.decode(payload, is_last)
        except UnicodeDecodeError as error:
            raise _not_utf8(error) from error


def close_code(payload: bytes) -> int:
    """Return the code of a close frame; 1005 stands for none (RFC 6455, 7.1.5)."""
    return int.from_bytes(payload[:2], "big") if payload else NO_CODE


def _check_utf8(text: bytes) -> None:
    """Refuse a text that is not UTF-8 (RFC 6455, 5.6 and 8.1)."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise _not_utf8(error) from error


def _not_utf8(error: UnicodeDecodeError) -> ProtocolError:
    return ProtocolError(NOT_UTF8, f"a text that is not UTF-8: {error.reason}")


def _farewell(payload: bytes) -> bytes:
    """Return the payload of a close frame if it is legal (RFC 6455, 5.5.1 and 7.4)."""
    if payload and (len(payload) == 1 or not _may_close_with(close_code(payload))):
        raise ProtocolError(PROTOCOL, f"a close frame with {payload[:2].hex()} as its code")
    _check_utf8(payload[2:])
    return payload


def _may_close_with(code: int) -> bool:
    return code in _CODES or 3000 <= code <= 4999
