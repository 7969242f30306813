"""Reports of runs in which nothing happened, as the ground for made-up ones."""

from __future__ import annotations

from typing import Any

from boomtalk.engine.load.run import Run
from boomtalk.engine.load.shape import Load
from boomtalk.engine.report.json_report import About, about_of, progress_of, report_of

ABOUT = About("1")
LOAD = Load()


def empty_report() -> dict[str, Any]:
    """Return the report of a run that has not begun."""
    return report_of(Run((), LOAD).outcome(), LOAD, ABOUT, 0)


def empty_progress() -> dict[str, Any]:
    """Return the parts of a report that the record holds for each second."""
    return progress_of(Run((), LOAD).progress(), LOAD)


def first_line(origin: dict[str, Any]) -> dict[str, Any]:
    """Return what the first line of a record holds."""
    return {**about_of(ABOUT), "origin": origin, "so_far": empty_progress()}
