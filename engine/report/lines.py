"""Build the lines of the live screen from pieces of text, at a fraction of the cost of a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style

Line = list[Segment]


class Page(Struct, frozen=True):
    """The lines of a panel, which show `shown` of `rows` rows; 0 if it cannot be scrolled."""

    lines: list[Line]
    rows: int = 0
    shown: int = 0


class Lines:
    """Lines that are ready to print: nothing is wrapped, what is too long is cut."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self._lines:
            yield from Segment.adjust_line_length(line, options.max_width, pad=False)
            yield Segment.line()


@lru_cache(64)
def style_of(words: str) -> Style:
    return Style.parse(words)


def piece(text: str, style: str = "") -> Segment:
    return Segment(text, style_of(style) if style else None)


def padded(text: str, width: int) -> str:
    """Return the text in exactly `width` cells; its end is cut if it is longer.

    A Chinese character takes two cells.
    """
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return f"{set_cell_size(text, max(0, width - 1))}…" if width > 0 else ""


def in_runs(cells: Iterable[tuple[str, str]]) -> Line:
    """Return characters with styles as a line; neighbours of one style become one piece."""
    line: Line = []
    text, current = "", ""
    for character, style in cells:
        if style != current and text:
            line.append(piece(text, current))
            text = ""
        text += character
        current = style
    return [*line, piece(text, current)] if text else line


def beside(panels: Sequence[Sequence[Line]], width: int, gap: int = 2) -> list[Line]:
    """Return panels of lines next to each other; each is `width` cells wide."""
    height = max(map(len, panels))
    rows: list[Line] = []
    for number in range(height):
        row: Line = []
        for panel in panels:
            line = panel[number] if number < len(panel) else []
            row += Segment.adjust_line_length(line, width)
            row.append(Segment(" " * gap))
        rows.append(row[:-1])
    return rows
