"""Every request as a line of JSON, written by a thread so that no slow disk holds up the load."""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path
from threading import Event, Thread
from types import TracebackType

import orjson

from ..errors import UsageError
from ..measure.samples import Sample

_EVERY = 1.0
_MOST_WAITING = 1_000_000
_LAST_WRITE_SECONDS = 10.0


class SampleFile:
    """Takes samples inside its `with`; writes them each second and at the end.

    A line that could not be written, or for which there was no room any more, is counted in
    `unwritten`: lines in the file + unwritten = samples taken.
    """

    def __init__(self, path: Path) -> None:
        """Open the file (`-` is stdout); raises UsageError if it cannot be."""
        self.path = path
        self.error: OSError | None = None
        self._taken = self._written = 0
        self._waiting: deque[bytes] = deque()
        self._over = Event()
        self._thread = Thread(target=self._write_on, name="samples", daemon=True)
        try:
            self._handle = _opened(path)
        except OSError as error:
            raise UsageError(f"cannot write samples to {path}: {error.strerror}") from error

    @property
    def reason(self) -> str:
        """Why lines are unwritten."""
        return f"{self.path}: {self.error.strerror if self.error else 'too slow'}"

    @property
    def unwritten(self) -> int:
        return self._taken - self._written

    def add(self, sample: Sample) -> None:
        """Take one sample; returns at once."""
        self._taken += 1
        if self.error is None and len(self._waiting) < _MOST_WAITING:
            self._waiting.append(_line(sample))

    def __enter__(self) -> SampleFile:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        # A disk that hangs must not keep the report from being written.
        self._thread.join(_LAST_WRITE_SECONDS)

    def _write_on(self) -> None:
        is_last = False
        while not is_last and self.error is None:
            is_last = self._over.wait(_EVERY)
            # Appending and popping are atomic, so the loop needs no lock to go on adding.
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


def _opened(path: Path) -> int:
    if str(path) == "-":
        return os.dup(1)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    # Nobody may redirect a file by a link; a device or a pipe is what it is.
    if path.is_file() or not path.exists():
        flags |= os.O_NOFOLLOW
    return os.open(path, flags, 0o600)


def _line(sample: Sample) -> bytes:
    return orjson.dumps(
        {
            "id": sample.id,
            "case": sample.case,
            "step": sample.step,
            "start": round(sample.start, 6),
            "kind": sample.kind,
            "detail": sample.detail,
            "latency_ms": _ms(sample.latency),
            "response_ms": _ms(sample.response),
            "connect_ms": _ms(sample.connect),
            "status": sample.status,
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
