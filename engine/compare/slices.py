"""The steady part of a run, cut into slices of about equal length.

Neighbouring seconds resemble each other, so a slice is several of them: slices, not seconds and
not requests, are what may be taken as independent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any

from ..measure.snapshot import StepSnapshot, sum_steps
from ..record.seconds import RecordedSecond
from ..record.totals import Totals

FEWEST_SECONDS = 20
_FEWEST_SLICES = 8
_ALL_USERS = 0.95

Key = tuple[str, str, str]
TOTAL: Key = ("", "", "")


@dataclass(frozen=True, slots=True)
class Steady:
    """What is compared of a run; `rows` holds, per step (case, name, type), what each slice had.

    A slice without the step is None. `TOTAL` is over all steps.
    """

    seconds: int
    widths: tuple[float, ...]
    rows: Mapping[Key, Sequence[StepSnapshot | None]]

    @property
    def is_long_enough(self) -> bool:
        return self.seconds >= FEWEST_SECONDS


def steady_part(report: Mapping[str, Any], seconds: Iterable[RecordedSecond]) -> Steady:
    """Return the steady part of a run: all users at work, neither warm-up nor end."""
    times = steady_seconds(report)
    count = slice_count(len(times))
    places = {t: index * count // len(times) for index, t in enumerate(times)}
    slices = [Totals() for _ in range(count)]
    widths = [0.0] * count
    before = 0.0
    for second in seconds:
        place = places.get(second.t, count)
        if place < count:
            slices[place].add(second)
            widths[place] += second.elapsed - before
        before = second.elapsed
    return Steady(len(times), tuple(widths), _rows(slices))


def steady_seconds(report: Mapping[str, Any]) -> list[int]:
    """Return the seconds in which the load stood still, by their `t`.

    That is from the second after the one in which the users had come to the last in which all
    were still there; in an open load from the second one to the last with a start. The last
    second of all is a part of one.
    """
    measured = [one for one in report["seconds"] if one["t"] > 0][:-1]
    if report["load"]["model"] == "open":
        busy = [one["t"] for one in measured if one["issued"]]
    else:
        most = max((one["users"] for one in measured), default=0)
        busy = [one["t"] for one in measured if one["users"] >= most * _ALL_USERS]
    return list(range(busy[0] + 1, busy[-1] + 1)) if busy else []


def slice_count(seconds: int) -> int:
    """Return how many slices to cut: as many as each has seconds, but eight or more.

    Long slices are independent of each other, many slices tell how large the noise is.
    """
    return min(seconds, max(isqrt(seconds), _FEWEST_SLICES))


def _rows(slices: Sequence[Totals]) -> dict[Key, list[StepSnapshot | None]]:
    rows: dict[Key, list[StepSnapshot | None]] = defaultdict(lambda: [None] * len(slices))
    for index, totals in enumerate(slices):
        for step in totals.steps:
            rows[step.case, step.name, step.type][index] = step
        rows[TOTAL][index] = sum_steps(totals.steps)
    return dict(rows)
