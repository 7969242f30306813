"""Bound the number of time series: steps and status codes beyond a limit share one name."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from ..measure.snapshot import StepSnapshot, sum_steps

_MOST_STEPS = 200
_REGISTERED = frozenset(HTTPStatus)


def bounded(steps: Sequence[StepSnapshot]) -> list[StepSnapshot]:
    """Return at most 200 rows; the last one, `other`, is the sum of the rest."""
    if len(steps) <= _MOST_STEPS:
        return list(steps)
    rest = sum_steps(steps[_MOST_STEPS - 1 :], "other", "other", "other")
    return [*steps[: _MOST_STEPS - 1], rest]


def code_label(code: int) -> str:
    """Return a registered status code as it is, and any other by its class: 499 as `4xx`.

    A server may answer with all of 900 codes, each of them a time series per step.
    """
    return str(code) if code in _REGISTERED else f"{code // 100}xx"
