"""Give a console a text stream that never waits for its reader."""

from __future__ import annotations

import io

from .lines import LineFile


class QueuedStream(io.TextIOBase):
    """Passes all text to the thread of a LineFile."""

    def __init__(self, lines: LineFile, is_terminal: bool) -> None:
        self._lines = lines
        self._is_terminal = is_terminal

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._lines.encoding

    @property
    def is_behind(self) -> bool:
        """Whether the reader has not yet taken what was written before."""
        return self._lines.is_behind

    def write(self, text: str) -> int:
        self._lines.add(text.encode(self.encoding, "backslashreplace"))
        return len(text)

    def flush(self) -> None:
        self._lines.flush()

    def isatty(self) -> bool:
        return self._is_terminal
