"""Write lines to stdout and stderr; a broken stream is not an error."""

from __future__ import annotations

import os
import sys
from typing import IO

from .format import harmless_lines


def say(stream: IO[str], line: str) -> None:
    """Write one line, without characters that could control a terminal.

    A broken stream raises nothing: it shows no more lines, and stderr gets a warning, unless the
    reader of a pipe just went away.
    """
    try:
        print(harmless_lines(line), file=stream, flush=True)
    except OSError as error:
        silence(stream)
        if stream is not sys.stderr and not isinstance(error, BrokenPipeError):
            warn_of(error)


def warn_of(error: OSError) -> None:
    """Say on stderr why a stream shows nothing more."""
    say(sys.stderr, f"warning: cannot print any more output: {error.strerror}")


def silence(stream: IO[str]) -> None:
    """Redirect the stream to the null device, so that the flush at exit finds no broken pipe."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        sys.stderr.flush()
