"""This module sends multipart forms: the length is known first, files are read while sending."""

from __future__ import annotations

import asyncio
import mimetypes
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from msgspec import Struct

from ..errors import StepFailed

_CHUNK = 256 * 1024


class TextPart(Struct, frozen=True):
    name: str
    text: str
    content_type: str | None = None
    filename: str | None = None


class FilePart(Struct, frozen=True):
    """A file; it is sent under its own name, and its suffix gives the type."""

    name: str
    path: Path
    filename: str | None = None
    content_type: str | None = None

    @property
    def type_sent(self) -> str:
        guessed = self.content_type or mimetypes.guess_type(self.path.name)[0]
        return guessed or "application/octet-stream"


class Multipart:
    """A form, ready but for the content of its files, which each `chunks` reads again."""

    __slots__ = ("boundary", "length", "parts", "pieces")

    def __init__(self, parts: Sequence[TextPart | FilePart], boundary: str | None = None) -> None:
        """Measure the files; raises StepFailed (kind template) for one that cannot be read."""
        self.boundary = boundary or os.urandom(16).hex()
        self.parts = tuple(parts)
        self.pieces: list[bytes | tuple[Path, int]] = []
        for part in parts:
            self.pieces += [self._head(part), _content(part), b"\r\n"]
        self.pieces.append(f"--{self.boundary}--\r\n".encode())
        self.length = sum(len(one) if isinstance(one, bytes) else one[1] for one in self.pieces)

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self.boundary}"

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body; raises StepFailed (kind send) for a file that changed its size."""
        for piece in self.pieces:
            if isinstance(piece, bytes):
                yield piece
                continue
            path, size = piece
            async for chunk in _read(path, size):
                yield chunk

    def __str__(self) -> str:
        return f"multipart form of {self.length} bytes: " + ", ".join(
            f"{part.name}={part.text if isinstance(part, TextPart) else f'@{part.path.name}'}"
            for part in self.parts
        )

    def _head(self, part: TextPart | FilePart) -> bytes:
        disposition = f'form-data; name="{_quoted(part.name)}"'
        content_type, filename = part.content_type, part.filename
        if isinstance(part, FilePart):
            content_type, filename = part.type_sent, filename or part.path.name
        if filename:
            disposition += f'; filename="{_quoted(filename)}"'
        lines = [f"--{self.boundary}", f"Content-Disposition: {disposition}"]
        if content_type:
            lines.append(f"Content-Type: {content_type}")
        return "\r\n".join([*lines, "", ""]).encode("utf-8", "replace")


def _content(part: TextPart | FilePart) -> bytes | tuple[Path, int]:
    if isinstance(part, TextPart):
        return part.text.encode("utf-8", "surrogatepass")
    try:
        return part.path, part.path.stat().st_size
    except OSError as error:
        raise StepFailed("template", f"{part.path.name}: {error.strerror}", "upload") from error


async def _read(path: Path, size: int) -> AsyncIterator[bytes]:
    # Reading may block on a slow disk, so it happens in a thread.
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except OSError as error:
        raise StepFailed("send", f"{path.name}: {error.strerror}", "upload") from error
    with file:
        left = size
        while left and (chunk := await asyncio.to_thread(file.read, min(left, _CHUNK))):
            left -= len(chunk)
            yield chunk
    if left:
        raise StepFailed("send", f"{path.name} became shorter while it was sent", "upload")


def _quoted(text: str) -> str:
    """Escape a name as browsers do (HTML, multipart/form-data)."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
