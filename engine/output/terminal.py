"""Who may write to the terminal, and what happens when it goes away."""

from __future__ import annotations

import os
import sys
from typing import IO, Any

from rich.console import Console

from .format import harmless_lines


class Terminal(Console):
    """A console that falls silent when it cannot be written; the run goes on without it.

    A reader that is gone is no failure; anything else is told once, on stderr.
    """

    def print(self, *objects: Any, **options: Any) -> None:
        try:
            super().print(*objects, **options)
        except OSError as error:
            self.on_broken_pipe()
            _tell_of(error)

    def on_broken_pipe(self) -> None:
        self.quiet = True
        silence(self.file)


def terminal(stream: IO[str], no_color: bool, plain: bool = False) -> Terminal:
    """Return a console for this stream; foreign text is never read as markup.

    A `plain` one writes no escape codes, whatever the stream is.
    """
    return Terminal(
        file=stream,
        markup=False,
        emoji=False,
        highlight=False,
        no_color=no_color or None,
        force_terminal=False if plain else None,
    )


def say(stream: IO[str], line: str) -> None:
    """Write one line, foreign text made harmless; a stream that is broken is no failure."""
    try:
        print(harmless_lines(line), file=stream, flush=True)
    except OSError as error:
        silence(stream)
        if stream is not sys.stderr and not isinstance(error, BrokenPipeError):
            _tell_of(error)


def _tell_of(error: OSError) -> None:
    say(sys.stderr, f"warning: nothing more can be shown: {error.strerror}")


def silence(stream: IO[str]) -> None:
    """Point the stream at nothing, so that the interpreter's last flush finds no broken pipe."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        sys.stderr.flush()
