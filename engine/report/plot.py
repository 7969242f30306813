"""Turn numbers into the characters of charts: blocks for bars, braille dots for lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import floor, log10
from typing import TypeVar

Item = TypeVar("Item")

BLOCKS = " ▁▂▃▄▅▆▇█"
_EIGHTHS = 8
# The bits of the dots of a braille character (Unicode, chapter 21), from the bottom to the top.
_DOTS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
_BRAILLE = 0x2800
_NICE = (1, 2, 5, 10)


def grouped(items: Sequence[Item], columns: int) -> list[Sequence[Item]]:
    """Return the items in `columns` groups of neighbours; fewer items are repeated."""
    if not items:
        return []
    edges = [column * len(items) // columns for column in range(columns + 1)]
    return [items[start : max(end, start + 1)] for start, end in pairwise(edges)]


def eighths(value: float, top: float, rows: int) -> int:
    """Return the height of a bar in eighths of a row; only 0 has none."""
    if value <= 0 or top <= 0:
        return 0
    return max(1, min(rows * _EIGHTHS, round(value / top * rows * _EIGHTHS)))


def block(height: int, row: int) -> int:
    """Return how many eighths of a row, counted from the bottom, a bar fills."""
    return max(0, min(_EIGHTHS, height - row * _EIGHTHS))


def sparks(values: Sequence[float]) -> str:
    """Return a bar of one row for each value; the largest one is full."""
    top = max(values, default=0.0)
    return "".join(BLOCKS[eighths(value, top, 1)] for value in values)


def nice(value: float, *, up: bool) -> float:
    """Return the next 1, 2 or 5 times a power of ten, above the value or below it."""
    power = 10.0 ** floor(log10(value))
    steps = [step * power for step in _NICE]
    if up:
        return next(step for step in steps if step >= value * 0.999)
    return max(step for step in steps if step <= value * 1.001)


class Dots:
    """A canvas of braille dots, two a character wide and four high; the last line drawn colours."""

    def __init__(self, width: int, height: int) -> None:
        self.columns, self.rows = 2 * width, 4 * height
        self._cells = [[0] * width for _ in range(height)]
        self._styles = [[""] * width for _ in range(height)]

    def draw(self, heights: Sequence[float | None], style: str) -> None:
        """Draw a line through heights of 0 to 1, one a column; None leaves a gap."""
        before: int | None = None
        for column, share in enumerate(heights):
            if share is None:
                before = None
                continue
            row = min(self.rows - 1, int(share * self.rows))
            low, high = sorted((row, row if before is None else before))
            for dot in range(low, high + 1):
                self._set(column, dot, style)
            before = row

    def _set(self, column: int, dot: int, style: str) -> None:
        row = len(self._cells) - 1 - dot // 4
        self._cells[row][column // 2] |= _DOTS[column % 2][dot % 4]
        self._styles[row][column // 2] = style

    def lines(self) -> list[list[tuple[str, str]]]:
        """Return each row as characters with styles."""
        characters = (
            [chr(_BRAILLE + bits) if bits else " " for bits in row] for row in self._cells
        )
        pairs = zip(characters, self._styles, strict=True)
        return [list(zip(row, styles, strict=True)) for row, styles in pairs]
