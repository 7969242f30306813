"""The console of a command, for its tables."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO, cast

from boomtalk.engine.output.lines import LineFile
from boomtalk.engine.output.queued import QueuedStream
from boomtalk.engine.output.streams import warn_of
from boomtalk.engine.output.terminal import Terminal, terminal
from rich.console import Console


@contextmanager
def queued_console(*files: Path | None, no_color: bool, plain: bool = False) -> Iterator[Console]:
    """Yield a console for a running loop: a thread writes, and waits for the reader at the end.

    Only an interruption ends that wait. Why a stream shows nothing more is told on stderr,
    unless its reader just went away.
    """
    stream = _stream_for(files)
    with ExitStack() as stack:
        lines = stack.enter_context(LineFile.over(stream))
        try:
            queued = cast(TextIO, QueuedStream(lines, stream.isatty()))
            yield terminal(queued, no_color, plain)
            lines.close(None)
        finally:
            if lines.error is not None and not isinstance(lines.error, BrokenPipeError):
                warn_of(lines.error)


def console_for(*files: Path | None, no_color: bool = False, plain: bool = False) -> Terminal:
    """Return where tables go: stdout, or stderr if one of the files is to be alone on stdout."""
    return terminal(_stream_for(files), no_color, plain)


def _stream_for(files: Sequence[Path | None]) -> TextIO:
    return sys.stderr if any(str(path) == "-" for path in files) else sys.stdout
