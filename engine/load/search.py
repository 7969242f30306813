"""Choose the next arrival rate of a search: double until one fails, then halve the gap."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct


class Trial(Struct, frozen=True):
    """A rate in starts per second, and whether the target held it."""

    rate: float
    held: bool


def next_rate(trials: Sequence[Trial], first: float, most: float, precision: float) -> float | None:
    """Return the rate of the next trial, None if the search is over.

    It is over if the highest rate that held and the lowest one that failed differ by at most
    `precision` (relative to the lower one), if `most` held, or if a hundredth of `first` failed.
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
    """Return the highest rate that held and is below every failed one, None if there is none.

    A rate that held above a failed one was luck.
    """
    bad = min((trial.rate for trial in trials if not trial.held), default=float("inf"))
    return max((trial.rate for trial in trials if trial.held and trial.rate < bad), default=None)
