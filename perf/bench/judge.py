"""Who is faster, and by how much; nobody, where the runs do not tell."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

# With fewer rounds two tools that are alike stay apart by chance too often.
_ROUNDS = 3
# What two series of the same program differ by on a quiet machine.
_FLOOR = 0.03


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some runs, and their range."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many times as much ours does as theirs, round by round.

    `verdict` is "more" or "less" only when no run of ours is inside the range of theirs, in
    three rounds or more, by more than 3 %; else "no difference" or "too few rounds".
    """

    ratio: Spread
    verdict: str


def compare(ours: Sequence[float], theirs: Sequence[float]) -> Comparison:
    """Compare what was measured in the same rounds, in order."""
    ratio = Spread.of([mine / other for mine, other in zip(ours, theirs, strict=False)])
    if min(len(ours), len(theirs)) < _ROUNDS:
        return Comparison(ratio, "too few rounds")
    apart = min(ours) > max(theirs) or max(ours) < min(theirs)
    if not apart or abs(ratio.median - 1) <= _FLOOR:
        return Comparison(ratio, "no difference")
    return Comparison(ratio, "more" if ratio.median > 1 else "less")
