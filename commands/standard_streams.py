"""Make stdin, stdout and stderr safe to use, however the process was started."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress


def open_standard_streams() -> None:
    """Open missing streams on the null device; escape characters that a stream cannot encode.

    A socket would get the number of a missing stream, and libuv ends the process over it.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        # A stream that has changed below its wrapper cannot be reconfigured.
        with suppress(OSError):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")


def give_up_stdout(error: OSError) -> None:
    """Send what else is printed to the null device, and say so on stderr."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    with suppress(OSError):
        sys.stderr.write(f"warning: cannot print any more output: {error.strerror}\n")
        sys.stderr.flush()
