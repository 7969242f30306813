"""Test the search for a limit without a server: the choice of the next rate."""

from __future__ import annotations

import pytest
from boomtalk.engine.load.search import Trial, limit, next_rate


def search(true_limit: float, first: float, most: float) -> list[Trial]:
    trials: list[Trial] = []
    while (rate := next_rate(trials, first, most, 0.05)) is not None:
        trials.append(Trial(rate, rate <= true_limit))
        assert len(trials) < 50
    return trials


@pytest.mark.parametrize("true_limit", [3.0, 10.0, 137.0, 640.0, 999.0])
def test_the_limit_is_found_within_the_precision(true_limit: float) -> None:
    found = limit(search(true_limit, first=10, most=1000))
    assert found is not None
    assert found <= true_limit < found * 1.06


def test_rates_double_before_the_gap_is_halved() -> None:
    assert [trial.rate for trial in search(30, first=10, most=1000)][:5] == [10, 20, 40, 30, 35]


def test_what_always_holds_ends_at_the_highest_rate() -> None:
    trials = search(10_000, first=10, most=100)
    assert [trial.rate for trial in trials] == [10, 20, 40, 80, 100]
    assert limit(trials) == 100


def test_what_never_holds_has_no_limit() -> None:
    trials = search(0, first=10, most=100)
    assert limit(trials) is None
    assert trials[-1].rate <= 10 / 100
