"""A rich console that survives the loss of its terminal."""

from __future__ import annotations

from typing import IO, Any

from rich.console import Console

from .streams import silence, warn_of


class Terminal(Console):
    """A console that stops printing when its stream fails, so that the run goes on without it.

    A reader that has gone away (`| head`) is normal; any other error is printed once on stderr.
    """

    def print(self, *objects: Any, **options: Any) -> None:
        try:
            super().print(*objects, **options)
        except OSError as error:
            self.on_broken_pipe()
            warn_of(error)

    def on_broken_pipe(self) -> None:
        self.quiet = True
        silence(self.file)


def terminal(stream: IO[str], no_color: bool, plain: bool = False) -> Terminal:
    """Return a console for this stream; text from outside is never read as markup.

    A `plain` console writes no escape codes, even to a terminal.
    """
    return Terminal(
        file=stream,
        markup=False,
        emoji=False,
        highlight=False,
        no_color=no_color or None,  # None leaves the decision to NO_COLOR (no-color.org)
        force_terminal=False if plain else None,
    )
