"""Bound the number of time series: one per step up to a limit, the rest under one name."""

from __future__ import annotations

from collections.abc import Sequence

from ..measure.snapshot import StepSnapshot, sum_steps

_MOST_STEPS = 200


def bounded(steps: Sequence[StepSnapshot]) -> list[StepSnapshot]:
    """Return at most 200 rows; the last one, `other`, is the sum of the rest."""
    if len(steps) <= _MOST_STEPS:
        return list(steps)
    rest = sum_steps(steps[_MOST_STEPS - 1 :], "other", "other", "other")
    return [*steps[: _MOST_STEPS - 1], rest]
