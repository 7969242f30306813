"""Write result files completely or not at all; `-` is stdout."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ..errors import ResultsError


def deliver(path: Path, data: bytes) -> None:
    """Write a file, or to stdout if the path is `-`; raises ResultsError."""
    try:
        if str(path) == "-":
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            write_file(path, data)
    except OSError as error:
        what = "stdout" if str(path) == "-" else path
        raise ResultsError(f"{what} could not be written: {error.strerror}") from error


def probe(path: Path) -> None:
    """Check that a file can be written, without leaving a new one behind; raises OSError."""
    existed = path.exists()
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    if not existed:
        path.unlink()


def write_file(path: Path, data: bytes) -> None:
    """Write a file completely or not at all, readable only by its owner; raises OSError."""
    if not path.is_file() and path.exists():
        path.write_bytes(data)  # renaming a file over a device or a pipe would replace it
        return
    partial = path.with_name(path.name + ".partial")
    # Whoever reads the path sees the old file or the whole new one: a rename is atomic.
    try:
        # Another user might have put a link to a file of ours in a shared folder.
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
