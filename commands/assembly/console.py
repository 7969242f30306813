"""The console of a command: tables on stdout, the log on stderr or in a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, TextIO

from boomtalk.engine.errors import UsageError
from boomtalk.engine.output.format import harmless_lines
from boomtalk.engine.output.masking import Mask
from boomtalk.engine.output.streams import say
from boomtalk.engine.output.terminal import Terminal, terminal

from ..flags.output import LOG_LEVELS, ConsoleFlags


class Log:
    """The log of a command: takes lines of `level` and above, and masks secrets in them.

    With a file, lines go there with their time in UTC, and stderr gets warnings and errors only.
    """

    def __init__(self, level: str, file: TextIO | None = None, mask: Mask | None = None) -> None:
        self._level = level
        self._file = file
        self.secrets = mask or Mask()

    def masked(self, mask: Mask) -> Self:
        """Return this log with other secrets to mask."""
        return type(self)(self._level, self._file, mask)

    def __call__(self, level: str, line: str) -> None:
        if self.takes(level):
            self._write(level, self.mask(line))

    def warn(self, text: str) -> None:
        """Log a warning."""
        self("warning", text)

    def mask(self, text: str) -> str:
        """Return the text without secrets."""
        return self.secrets.message(text)

    def takes(self, level: str) -> bool:
        """Whether lines of this level are logged."""
        return LOG_LEVELS.index(level) >= LOG_LEVELS.index(self._level)

    def _write(self, level: str, line: str) -> None:
        shown = f"{level}: {line}"
        if self._file is not None:
            self._file.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ} {harmless_lines(shown)}\n")
        if self._file is None or level in ("warning", "error"):
            say(sys.stderr, shown)


class SentLog(Log):
    """A log whose lines are sent elsewhere."""

    def __init__(self, level: str, send: Callable[[str, str], None], mask: Mask) -> None:
        super().__init__(level, mask=mask)
        self._send = send

    def _write(self, level: str, line: str) -> None:
        self._send(level, line)


@contextmanager
def opened_log(flags: ConsoleFlags) -> Iterator[Log]:
    """Open the log; raises UsageError for a file that cannot be written."""
    if flags.log_file is None:
        yield Log(flags.log_level)
        return
    try:
        handle = os.open(flags.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise UsageError(f"cannot write the log {flags.log_file}: {error.strerror}") from error
    with os.fdopen(handle, "a", buffering=1) as file:
        yield Log(flags.log_level, file)


def console_for(*files: Path | None, no_color: bool = False, plain: bool = False) -> Terminal:
    """Return where tables go: stdout, or stderr if one of the files is to be alone on stdout."""
    stream = sys.stderr if any(str(path) == "-" for path in files) else sys.stdout
    return terminal(stream, no_color, plain)
