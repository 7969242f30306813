"""This module removes the extensions from the chunk lines of a body.

Blanks in them are legal (RFC 9112, 7.1.1), but llhttp refuses them, and nobody reads extensions.
"""

from __future__ import annotations

import re

_SIZE = re.compile(rb"[0-9a-fA-F]+")
_EXTENSION = re.compile(rb"[ \t]*;[^\r\n]*(?=\r\n\Z)")
_END_OF_HEAD = re.compile(rb"\n\r?\n")
_INTERIM = re.compile(rb"[\r\n]*HTTP/[0-9.]+ 1(?!01)")


class ExtensionFilter:
    """Passes a body on chunk by chunk; the parser refuses whatever is not a chunk."""

    __slots__ = ("_is_over", "_left", "_line")

    def __init__(self) -> None:
        self._line = b""
        self._left = 0
        self._is_over = False

    def strip(self, data: bytes) -> bytes:
        """Return the next bytes of the body without extensions."""
        passed: list[bytes] = []
        place = 0
        while place < len(data) and not self._is_over:
            if self._left:
                end = min(len(data), place + self._left)
                passed.append(data[place:end])
                self._left -= end - place
            elif end := data.find(b"\n", place) + 1:
                passed.append(self._stripped(self._line + data[place:end]))
                self._line = b""
            else:
                end = len(data)
                self._line += data[place:]
            place = end
        passed.append(data[place:])
        return b"".join(passed)

    def _stripped(self, line: bytes) -> bytes:
        size = _SIZE.match(line)
        length = int(size[0], 16) if size else 0
        self._is_over = not length  # trailers may follow
        self._left = length + 2
        return _EXTENSION.sub(b"", line)


def body_of(data: bytes) -> int:
    """Return the place of the body of a response, behind the heads of interim responses."""
    place = 0
    while (end := _END_OF_HEAD.search(data, place)) and _INTERIM.match(data, place):
        place = end.end()
    return end.end() if end else len(data)
