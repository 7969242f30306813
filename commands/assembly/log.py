"""The log of a command: lines on stderr or in a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import lru_cache

from boomtalk.engine.errors import UsageError
from boomtalk.engine.output.lines import LineFile
from boomtalk.engine.output.masking import Mask
from boomtalk.engine.output.streams import say

from ..flags.output import LOG_LEVELS, ConsoleFlags

_MOST_MASKED = 500
_MOMENT = 0.2


class Log:
    """The log of a command: takes lines of `level` and above, and masks secrets in them.

    Lines go to stderr. With a file they go there, with their time in UTC, and stderr gets
    warnings and errors only. On a terminal the live table lets lines pass above it; elsewhere a
    thread writes them, so that a reader that sleeps or a full disk never holds up the run.
    """

    def __init__(
        self,
        level: str,
        stderr: LineFile | None = None,
        file: LineFile | None = None,
        mask: Mask | None = None,
    ) -> None:
        self.secrets = mask or Mask()
        # The table of errors asks for the same texts again with every frame of the screen.
        self._masked = lru_cache(_MOST_MASKED)(self.secrets.message)
        self._level = level
        self._stderr = stderr
        self._file = file

    def masked(self, mask: Mask) -> Log:
        """Return this log with other secrets to mask."""
        return Log(self._level, self._stderr, self._file, mask)

    def __call__(self, level: str, line: str) -> None:
        if self.takes(level):
            self._write(level, self.mask(line))

    def warn(self, text: str) -> None:
        """Log a warning."""
        self("warning", text)

    def error(self, text: str) -> None:
        """Log an error."""
        self("error", text)

    def show(self, line: str) -> None:
        """Show a line on stderr, whatever the level and even with a log file."""
        if self._stderr is not None:
            self._stderr.say(line)
        else:
            say(sys.stderr, line)

    def last_words(self, text: str) -> None:
        """Log an error, and wait a moment for it: the process is about to end."""
        self("error", text)
        for file in (self._stderr, self._file):
            if file is not None:
                file.close(_MOMENT)

    def mask(self, text: str) -> str:
        """Return the text without secrets."""
        return self._masked(text)

    def takes(self, level: str) -> bool:
        """Whether lines of this level are logged."""
        return LOG_LEVELS.index(level) >= LOG_LEVELS.index(self._level)

    def _write(self, level: str, line: str) -> None:
        shown = f"{level}: {line}"
        if self._file is not None:
            self._file.say(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ} {shown}")
        if self._file is not None and level not in ("warning", "error"):
            return
        self.show(shown)


class SentLog(Log):
    """A log whose lines are sent elsewhere."""

    def __init__(self, level: str, send: Callable[[str, str], None], mask: Mask) -> None:
        super().__init__(level, mask=mask)
        self._send = send

    def _write(self, level: str, line: str) -> None:
        self._send(level, line)


@contextmanager
def opened_log(flags: ConsoleFlags) -> Iterator[Log]:
    """Open the log; raises UsageError for a file that cannot be opened."""
    with ExitStack() as stack:
        stderr = None
        if not sys.stderr.isatty():
            stderr = stack.enter_context(LineFile.over(sys.stderr))
        if flags.log_file is None:
            yield Log(flags.log_level, stderr)
            return
        try:
            file = LineFile.open(flags.log_file, append=True)
        except OSError as error:
            raise UsageError(f"cannot write the log {flags.log_file}: {error.strerror}") from error
        try:
            with file:
                yield Log(flags.log_level, stderr, file)
        finally:
            if file.unwritten:
                text = f"{file.unwritten} lines of the log are not written: {file.reason}"
                Log(flags.log_level, stderr).warn(text)
