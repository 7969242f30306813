"""Write result files completely or not at all; `-` is stdout."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable
from errno import ENXIO
from pathlib import Path

from ..errors import ResultsError

# The rights of new files, without those that the umask takes away.
SHARED, PRIVATE = 0o666, 0o600


def deliver_all(files: Iterable[tuple[Path | None, Callable[[], bytes]]]) -> None:
    """Write each file that has a path. If some fail, write the others, then raise ResultsError.

    stdout comes last: its reader may be slow or gone.
    """
    problems = []
    for path, form in sorted(files, key=lambda file: str(file[0]) == "-"):
        try:
            if path is not None:
                deliver(path, form())
        except ResultsError as error:
            problems.append(str(error))
    if problems:
        raise ResultsError("\n".join(problems))


def deliver(path: Path, data: bytes, mode: int = SHARED) -> None:
    """Write a file, or to stdout if the path is `-`; raises ResultsError."""
    try:
        if str(path) == "-":
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            write_file(path, data, mode)
    except OSError as error:
        what = "stdout" if str(path) == "-" else path
        why = "nobody reads it" if error.errno == ENXIO else error.strerror
        raise ResultsError(f"{what} could not be written: {why}") from error


def probe(path: Path) -> None:
    """Check that `write_file` can write a file; raises OSError.

    Its folder is made, but no file has the path for a moment: somebody may wait for it. A FIFO is
    not opened: that would wait for its reader.
    """
    if path.is_fifo():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        os.close(os.open(path, os.O_WRONLY))
    if path.is_file() or not path.exists():
        partial = _partial(path)
        existed = partial.exists()
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, PRIVATE))
        if not existed:
            partial.unlink()


def write_file(path: Path, data: bytes, mode: int = SHARED) -> None:
    """Write a file completely or not at all; raises OSError.

    A new file has the rights `mode` as far as the umask lets it; an old one keeps its own.
    """
    if not path.is_file() and path.exists():
        _write_device(path, data)
        return
    path.parent.mkdir(parents=True, exist_ok=True)  # it may be gone since the start
    partial = _partial(path)
    # Whoever reads the path sees the old file or the whole new one: a rename is atomic.
    try:
        # Another user might have put a link to a file of ours in a shared folder.
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
        with os.fdopen(handle, "wb") as file:
            if path.exists():
                os.fchmod(handle, stat.S_IMODE(path.stat().st_mode))
            file.write(data)
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def _partial(path: Path) -> Path:
    """Return the name that a file has until it is complete."""
    return path.with_name(path.name + ".partial")


def _write_device(path: Path, data: bytes) -> None:
    """Write to a device or a pipe, over which a file must not be renamed."""
    # Opening a FIFO that nobody reads would wait for ever; so it is an error.
    handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    os.set_blocking(handle, True)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
