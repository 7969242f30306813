"""Run the program with its output in a pipe that nobody reads."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def unread(*words: object, cwd: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run the program while the body of the `with` lasts; stdout and stderr are the pipe."""
    read_end, write_end = os.pipe()
    command = [sys.executable, "-m", "boomtalk.cli", *map(str, words)]
    process = subprocess.Popen(command, stdout=write_end, stderr=write_end, cwd=cwd)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        os.close(read_end)
        os.close(write_end)
