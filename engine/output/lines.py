"""Write lines to a file from a thread, so that a slow disk does not hold up the load."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import TextIO

from .format import harmless_lines

_EVERY = 1.0
# About 200 MB of samples: a disk that hangs must not fill the memory.
_MOST_WAITING = 1_000_000
_FILE_PATIENCE = 10.0
_STREAM_PATIENCE = 1.0


class LineFile:
    """Takes lines inside its `with` block; writes them every second, on `flush`, and at the end.

    Lines that were not written, because of an error or a full queue, are counted in `unwritten`:
    lines in the file + unwritten = lines taken.
    """

    def __init__(
        self, handle: int, name: str, patience: float = _FILE_PATIENCE, encoding: str = "utf-8"
    ) -> None:
        """Take over the descriptor; at the end wait at most `patience` seconds for it."""
        self.name = name
        self.encoding = encoding
        self.error: OSError | None = None
        self._handle = handle
        self._patience = patience
        self._taken = self._written = 0
        self._waiting: deque[bytes] = deque()
        self._wake = Event()
        self._is_over = False
        self._thread = Thread(target=self._write_on, name=name, daemon=True)

    @classmethod
    def open(cls, path: Path, *, append: bool = False) -> LineFile:
        """Open a file (`-` is stdout); raises OSError if it cannot be opened."""
        return cls(_opened(path, append), str(path))

    @classmethod
    def over(cls, stream: TextIO) -> LineFile:
        """Write to a standard stream, whose reader may be slow or gone; raises OSError."""
        handle = os.dup(stream.fileno())
        return cls(handle, stream.name, _STREAM_PATIENCE, stream.encoding)

    @property
    def reason(self) -> str:
        """The reason why lines are unwritten."""
        return f"{self.name}: {self.error.strerror if self.error else 'too slow'}"

    @property
    def written(self) -> int:
        return self._written

    @property
    def unwritten(self) -> int:
        return self._taken - self._written

    def add(self, line: bytes) -> None:
        """Take one line with its newline; returns at once."""
        self._taken += 1
        if self.error is None and len(self._waiting) < _MOST_WAITING:
            self._waiting.append(line)

    def say(self, text: str) -> None:
        """Queue a text as one line; characters that could control a terminal are escaped."""
        self.add(f"{harmless_lines(text)}\n".encode(self.encoding, "backslashreplace"))
        self.flush()

    def flush(self) -> None:
        """Ask for everything taken so far to be written soon; returns at once."""
        self._wake.set()

    def __enter__(self) -> LineFile:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A disk that hangs or a reader that sleeps must not prevent the report.
        self.close(self._patience)

    def close(self, patience: float) -> None:
        """Take no more lines; wait at most `patience` seconds until all are written."""
        self._is_over = True
        self._wake.set()
        self._thread.join(patience)

    def _write_on(self) -> None:
        is_last = False
        while not is_last and self.error is None:
            self._wake.wait(_EVERY)
            self._wake.clear()
            is_last = self._is_over
            # Appending and popping are atomic, so the event loop can go on adding without a lock.
            self._write(b"".join([self._waiting.popleft() for _ in range(len(self._waiting))]))
        os.close(self._handle)

    def _write(self, block: bytes) -> None:
        done = 0
        try:
            while done < len(block):
                done += os.write(self._handle, block[done : done + (1 << 20)])
        except OSError as error:
            self.error = error
        self._written += block.count(b"\n", 0, done)


def _opened(path: Path, append: bool) -> int:
    if str(path) == "-":
        return os.dup(1)
    flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if append else os.O_TRUNC)
    # A symbolic link in a shared folder must not redirect the results to another file. For a
    # device or a pipe (/dev/stdout is a link) the flag would be an error.
    if path.is_file() or not path.exists():
        flags |= os.O_NOFOLLOW
    return os.open(path, flags, 0o600)
