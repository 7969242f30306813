"""Judge from several runs which of two tools is faster, or whether there is no difference."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

# With fewer rounds, two equal tools would differ by chance too often.
_ROUNDS = 3
# Two series of runs of the same program differ by up to this share on a quiet machine.
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
    """The ratio of our numbers to theirs, round by round, and a verdict.

    The verdict is "more" or "less" only if the ranges of both do not overlap in three rounds or
    more, and the medians differ by over 3 %; else "no difference" or "too few rounds".
    """

    ratio: Spread
    verdict: str


def compare(ours: Sequence[float], theirs: Sequence[float]) -> Comparison:
    """Compare two lists of measurements, given in the order of the rounds."""
    ratio = Spread.of([mine / other for mine, other in zip(ours, theirs, strict=False)])
    if min(len(ours), len(theirs)) < _ROUNDS:
        return Comparison(ratio, "too few rounds")
    apart = min(ours) > max(theirs) or max(ours) < min(theirs)
    if not apart or abs(ratio.median - 1) <= _FLOOR:
        return Comparison(ratio, "no difference")
    return Comparison(ratio, "more" if ratio.median > 1 else "less")
