"""Write lines to a file from a thread, so that a slow disk does not hold up the load."""

from __future__ import annotations

import os
import stat
from collections import deque
from errno import ENOENT
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
        self,
        handle: int | None,
        name: str,
        patience: float | None = _FILE_PATIENCE,
        encoding: str = "utf-8",
    ) -> None:
        """Take over the descriptor; at the end wait at most `patience` seconds for it.

        Without a descriptor the name is that of a FIFO, and the thread waits for its reader.
        """
        self.name = name
        self.encoding = encoding
        self.error: OSError | None = None
        self._handle = handle
        self._patience = patience
        self._taken = self._written = 0
        self._waiting: deque[bytes] = deque()
        self._wake = Event()
        self._is_over = self._has_name = False
        self._thread = Thread(target=self._write_on, name=name, daemon=True)

    @classmethod
    def open(cls, path: Path, *, append: bool = False, mode: int = 0o666) -> LineFile:
        """Open a file (`-` is stdout), and make its folder; raises OSError."""
        lines = cls(_opened(path, append, mode), str(path))
        lines._has_name = str(path) != "-"
        return lines

    @classmethod
    def over(cls, stream: TextIO, patience: float | None = _STREAM_PATIENCE) -> LineFile:
        """Write to a standard stream, whose reader may be slow or gone; raises OSError."""
        return cls(os.dup(stream.fileno()), stream.name, patience, stream.encoding)

    @property
    def reason(self) -> str:
        """The reason why lines are unwritten."""
        if self.error is not None:
            return f"{self.name}: {self.error.strerror}"
        return f"{self.name}: {'nobody reads it' if self._handle is None else 'too slow'}"

    @property
    def is_behind(self) -> bool:
        """Whether lines wait, because the thread still writes those before them."""
        return bool(self._waiting)

    @property
    def written(self) -> int:
        return self._written

    @property
    def unwritten(self) -> int:
        return self._taken - self._written

    def add(self, line: bytes) -> None:
        """Take one line with its newline, or any text; returns at once."""
        self._taken += line.count(b"\n")
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

    def close(self, patience: float | None) -> None:
        """Take no more lines; wait until all are written, at most `patience` seconds."""
        self._is_over = True
        self._wake.set()
        if patience is not None:
            self._thread.join(patience)
            return
        # A signal that comes just before a wait in C does not end it: only the next one looks.
        while self._thread.is_alive():
            self._thread.join(_EVERY)

    def _write_on(self) -> None:
        is_last = False
        try:
            if self._handle is None:
                self._handle = os.open(self.name, os.O_WRONLY)
        except OSError as error:
            self.error = error
            return
        while not is_last and self.error is None:
            self._wake.wait(_EVERY)
            self._wake.clear()
            is_last = self._is_over
            # Appending and popping are atomic, so the event loop can go on adding without a lock.
            block = b"".join([self._waiting.popleft() for _ in range(len(self._waiting))])
            self._write(self._handle, block)
        self._check_name(self._handle)
        os.close(self._handle)

    def _write(self, handle: int, block: bytes) -> None:
        done = 0
        try:
            while done < len(block):
                done += os.write(handle, block[done : done + (1 << 20)])
        except OSError as error:
            self.error = error
        self._written += block.count(b"\n", 0, done)

    def _check_name(self, handle: int) -> None:
        """Count all lines as unwritten if the file was removed: writing to it raises nothing."""
        status = os.fstat(handle)
        if self._has_name and stat.S_ISREG(status.st_mode) and not status.st_nlink:
            self.error, self._written = FileNotFoundError(ENOENT, "it was removed"), 0


def _opened(path: Path, append: bool, mode: int) -> int | None:
    if str(path) == "-":
        return os.dup(1)
    if path.is_fifo():
        return None
    flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if append else os.O_TRUNC)
    path.parent.mkdir(parents=True, exist_ok=True)
    # A symbolic link in a shared folder must not redirect the results to another file. For a
    # device or a pipe (/dev/stdout is a link) the flag would be an error.
    if path.is_file() or not path.exists():
        flags |= os.O_NOFOLLOW
    return os.open(path, flags, mode)
