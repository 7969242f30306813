"""What all metrics are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..measure.health import HealthSnapshot
from ..measure.snapshot import Snapshot, StepSnapshot, sum_steps
from ..scenario.plugin import PluginView

_MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class RunState:
    """A run as it is now."""

    snapshot: Snapshot
    health: HealthSnapshot
    plugins: Sequence[PluginView]
    is_stopping: bool


def bounded(steps: Sequence[StepSnapshot]) -> list[StepSnapshot]:
    """Return at most so many rows that a time series each is fine; the rest is one, `other`."""
    if len(steps) <= _MOST_STEPS:
        return list(steps)
    rest = replace(sum_steps(steps[_MOST_STEPS - 1 :]), case="other", name="other", type="other")
    return [*steps[: _MOST_STEPS - 1], rest]
