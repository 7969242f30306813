"""Which arrival rate to try next: doubling up to the first failure, then halving the gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trial:
    """A rate in starts per second, and whether everything held at it."""

    rate: float
    held: bool


def next_rate(trials: Sequence[Trial], first: float, most: float, precision: float) -> float | None:
    """Return the rate of the next trial, None when the search is over.

    It is over when the best rate that held and the lowest that did not are within `precision`
    (a share of the lower one), when `most` held, or when not even a hundredth of `first` did.
    """
    if not trials:
        return min(first, most)
    good = limit(trials)
    bad = min((trial.rate for trial in trials if not trial.held), default=None)
    if bad is None:
        assert good is not None
        return min(good * 2, most) if good < most else None
    if good is None:
        return bad / 2 if bad > first / 100 else None
    return (good + bad) / 2 if bad - good > precision * good else None


def limit(trials: Sequence[Trial]) -> float | None:
    """Return the highest rate that held below every rate that did not; None if none did."""
    bad = min((trial.rate for trial in trials if not trial.held), default=float("inf"))
    return max((trial.rate for trial in trials if trial.held and trial.rate < bad), default=None)
