"""Show the calibration as a table, here and in docs/measuring.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .runs import Calibrated

PAGE = Path(__file__).parents[2] / "docs/measuring.md"
_HEAD = "| disturbance | target takes | p99 | really added | estimate | verdict |"
_MARKS = "| --- | --- | --- | --- | --- | --- |"


def table(found: Sequence[Calibrated]) -> str:
    """Return the runs as Markdown; times in ms at the 99th percentile."""
    return "\n".join((_HEAD, _MARKS, *map(_row, found)))


def verdicts_in(page: str) -> dict[tuple[str, str], str]:
    """Return the verdicts in the table of a page, by disturbance and target."""
    rows = [line.strip("| ").split(" | ") for line in _lines_of_table(page)[2:]]
    return {(row[0], row[1]): row[-1] for row in rows}


def write(found: Sequence[Calibrated], page: Path = PAGE) -> None:
    """Replace the table of the page."""
    text = page.read_text()
    page.write_text(text.replace("\n".join(_lines_of_table(text)), table(found)))


def key_of(one: Calibrated) -> tuple[str, str]:
    return one.disturbance, f"{one.milliseconds:g} ms"


def verdict_of(one: Calibrated) -> str:
    """Return the verdict as it stands in the table."""
    word = "trusted" if one.trusted else "not trusted"
    return f"{word}, near the limit" if one.is_near else word


def _row(one: Calibrated) -> str:
    times = (_ms(value) for value in (one.measured, one.added, one.told))
    return f"| {' | '.join((*key_of(one), *times, verdict_of(one)))} |"


def _ms(value: float) -> str:
    return f"{value:.0f}" if value >= 99.5 else f"{value:.3g}"


def _lines_of_table(page: str) -> list[str]:
    lines = page.splitlines()
    first = lines.index(_HEAD)
    return [line for line in lines[first : first + 40] if line.startswith("|")]
