"""This module checks `config.parameters` as written, before any row is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import Problem
from .fields import Notes
from .hints import meant
from .model import ParameterGroup

_NAME = re.compile(r"[^\W\d]\w*")


def check_groups(groups: Iterable[ParameterGroup], notes: Notes) -> None:
    """Note bad names, names used twice, and rows that do not fit their names."""
    seen: set[str] = set()
    for group in groups:
        place = group.rows.place
        for name in group.names:
            if not _NAME.fullmatch(name):
                hint = "names are joined by '-' and hold letters, digits and '_'"
                notes.problem(place, f"{name!r} cannot be a parameter name", hint)
            if name in seen:
                notes.problem(place, f"parameter {name} is given twice")
            seen.add(name)
        if not isinstance(group.rows.value, str):
            notes.problems += row_problems(group, group.rows.value)


def row_problems(group: ParameterGroup, rows: Any) -> list[Problem]:
    """Say what keeps these rows from being rows of the group."""
    if not isinstance(rows, list):
        return [Problem(group.rows.place, "parameters must be a list, or an expression of one")]
    if not rows:
        return [Problem(group.rows.place, "an empty list of parameters")]
    wrongs = (_wrong(group.names, row) for row in rows)
    return [
        Problem(group.rows.place, f"row {number}: {wrong}")
        for number, wrong in enumerate(wrongs, 1)
        if wrong
    ][:10]


def named_row(names: Sequence[str], row: Any) -> dict[str, Any]:
    """Return a fitting row as values by name."""
    if isinstance(row, dict):
        return {name: row[name] for name in names}
    return dict(zip(names, row, strict=True)) if isinstance(row, list) else {names[0]: row}


def _wrong(names: Sequence[str], row: Any) -> str | None:
    if isinstance(row, dict):
        missing = [name for name in names if name not in row]
        return _missing(missing, list(map(str, row))) if missing else None
    if isinstance(row, list):
        return f"{len(row)} values for {len(names)} names" if len(row) != len(names) else None
    return "one value for several names" if len(names) > 1 else None


def _missing(names: Sequence[str], given: Sequence[str]) -> str:
    told = f"no value for {', '.join(names)}, only for {', '.join(given) or 'none'}"
    if len(given) == 1 and (mark := next((mark for mark in ";\t" if mark in given[0]), "")):
        return f"{told}; save the file with commas between its cells, not {mark!r}"
    return "; ".join(filter(None, (told, meant(names[0], given))))
