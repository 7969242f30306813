"""Cut the steady part of a run into slices of about equal length.

Neighbouring seconds, and requests even more, resemble each other. The statistics need
independent values; slices of several seconds are nearly so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import isqrt
from typing import Any

from msgspec import Struct

from ..measure.snapshot import StepSnapshot, sum_steps
from ..record.seconds import RecordedSecond
from ..record.totals import Totals

FEWEST_SECONDS = 20
_FEWEST_SLICES = 8
_ALL_USERS = 0.95

Key = tuple[str, str, str]
TOTAL: Key = ("", "", "")


class Steady(Struct, frozen=True):
    """The part of a run that is compared. `rows` holds the slices of each step.

    A step's key is (case, name, type); `TOTAL` is the sum over all steps. The entry of a slice
    without the step is None. `widths` are the lengths of the slices in seconds.
    """

    seconds: int
    widths: tuple[float, ...]
    rows: Mapping[Key, Sequence[StepSnapshot | None]]

    @property
    def is_long_enough(self) -> bool:
        return self.seconds >= FEWEST_SECONDS


def steady_part(report: Mapping[str, Any], seconds: Iterable[RecordedSecond]) -> Steady:
    """Return the part of a run in which all users are active, without warm-up and end."""
    times = steady_seconds(report)
    count = slice_count(len(times))
    places = {t: index * count // len(times) for index, t in enumerate(times)}
    slices = [Totals() for _ in range(count)]
    widths = [0.0] * count
    before = 0.0
    for second in seconds:
        # On a busy machine a second of the timeline ends late, so its real length counts.
        place = places.get(second.t, count)
        if place < count:
            slices[place].add(second)
            widths[place] += second.elapsed - before
        before = second.elapsed
    return Steady(len(times), tuple(widths), _rows(slices))


def steady_seconds(report: Mapping[str, Any]) -> list[int]:
    """Return the `t` of every second in which the load was constant.

    A closed load is constant as long as 95 % of its most users are active, an open one as long
    as requests start. The first such second is left out because the load still rose in it, the
    last second of the run because it is not a full one.
    """
    measured = [one for one in report["seconds"] if one["t"] > 0][:-1]
    if report["load"]["model"] == "open":
        busy = [one["t"] for one in measured if one["issued"]]
    else:
        most = max((one["users"] for one in measured), default=0)
        busy = [one["t"] for one in measured if one["users"] >= most * _ALL_USERS]
    return list(range(busy[0] + 1, busy[-1] + 1)) if busy else []


def slice_count(seconds: int) -> int:
    """Return the number of slices: the square root of the seconds, but at least eight.

    Longer slices are less dependent on each other; more slices show the noise more exactly.
    """
    return min(seconds, max(isqrt(seconds), _FEWEST_SLICES))


def _rows(slices: Sequence[Totals]) -> dict[Key, list[StepSnapshot | None]]:
    rows: dict[Key, list[StepSnapshot | None]] = defaultdict(lambda: [None] * len(slices))
    for index, totals in enumerate(slices):
        for step in totals.steps:
            rows[step.case, step.name, step.type][index] = step
        rows[TOTAL][index] = sum_steps(totals.steps)
    return dict(rows)
