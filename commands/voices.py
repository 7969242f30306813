"""Where a command speaks: results on stdout, the log on stderr and in a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

if TYPE_CHECKING:
    from boomtalk.engine.output.masking import Mask
    from rich.console import Console

_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Screen:
    """What the user wants to see."""

    plain: bool
    quiet: bool
    no_color: bool
    log_level: str
    log_file: Path | None = None


class Log:
    """Takes lines of `level` and above; what goes to a file has its time, in UTC.

    With a file, stderr gets warnings and errors only. `mask` is set once the secrets are known.
    """

    def __init__(self, level: str, file: TextIO | None = None) -> None:
        self.mask: Mask | None = None
        self._least = _LEVELS.index(level)
        self._file = file

    def __call__(self, level: str, line: str) -> None:
        from boomtalk.engine.output.format import harmless_lines
        from boomtalk.engine.output.terminal import say

        if not self.takes(level):
            return
        shown = f"{level}: {self.mask_text(line)}"
        if self._file is not None:
            self._file.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ} {harmless_lines(shown)}\n")
        if self._file is None or level in ("warning", "error"):
            say(sys.stderr, shown)

    def takes(self, level: str) -> bool:
        """Whether lines of this level are told at all."""
        return _LEVELS.index(level) >= self._least

    def mask_text(self, text: str) -> str:
        """Return a text without the secrets that are known by now."""
        return text if self.mask is None else self.mask.message(text)


def open_standard_streams() -> None:
    """Open what we were started without of stdin, stdout and stderr, as if on the null device.

    A socket would get the number, and libuv ends the process over it.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)


@contextmanager
def opened_log(screen: Screen) -> Iterator[Log]:
    """Open the log; raises UsageError for a file that cannot be written."""
    from boomtalk.engine.errors import UsageError

    if screen.log_level not in _LEVELS:
        raise typer.BadParameter(f"is one of {', '.join(_LEVELS)}", param_hint="--log-level")
    if screen.log_file is None:
        yield Log(screen.log_level)
        return
    try:
        handle = os.open(screen.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise UsageError(f"cannot write the log {screen.log_file}: {error.strerror}") from error
    with os.fdopen(handle, "a", buffering=1) as file:
        yield Log(screen.log_level, file)


def console_for(screen: Screen, *reports: Path | None) -> Console:
    """Return where tables go: stdout, or stderr if a report is to stand alone on stdout."""
    from boomtalk.engine.output.terminal import terminal

    stream = sys.stderr if any(str(path) == "-" for path in reports) else sys.stdout
    return terminal(stream, screen.no_color, screen.plain)
