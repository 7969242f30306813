"""Rebuild the report of a run that was killed before it wrote one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..report.json_report import whole
from ..report.json_rows import rows_of, warmup_of
from .seconds import RecordedSecond
from .totals import Totals


def rebuilt(
    origin: Mapping[str, Any],
    seconds: Iterable[RecordedSecond],
    events: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the report of a killed run as of the end of its last recorded second.

    Parts that are not recorded per second (the use of data rows, the samples file) are None.
    """
    totals, so_far, elapsed = Totals(), dict(origin["so_far"]), 0.0
    timeline = []
    for second in seconds:
        totals.add(second)
        so_far |= second.so_far
        elapsed = second.elapsed
        timeline.append(second.numbers)
    duration = so_far["duration"]
    parts = {
        **origin,
        **so_far,
        "stopped_by": "killed",
        "exit_code": None,
        "warmup": warmup_of(elapsed - duration, totals.warmup),
        **rows_of(totals.steps, totals.transactions, duration),
        "marks": list(events),
        "parameters": None,
        "seconds": timeline,
        "samples": None,
    }
    return whole(parts)
