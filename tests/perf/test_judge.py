"""Test when the benchmark calls a tool faster."""

from __future__ import annotations

import pytest

from perf.bench.judge import compare


def test_runs_that_overlap_have_no_winner() -> None:
    assert compare([100, 120, 140], [90, 95, 101]).verdict == "no difference"


def test_runs_apart_by_less_than_the_floor_have_no_winner() -> None:
    assert compare([102.0, 102.1, 102.2], [100.0, 100.1, 100.2]).verdict == "no difference"


@pytest.mark.parametrize(
    ("ours", "theirs", "verdict"),
    [([210, 200, 190], [100, 105, 95], "more"), ([100, 105, 95], [210, 200, 190], "less")],
)
def test_runs_clearly_apart_have_one(ours: list[int], theirs: list[int], verdict: str) -> None:
    assert compare(ours, theirs).verdict == verdict


def test_two_rounds_are_too_few_to_tell() -> None:
    assert compare([200, 210], [100, 101]).verdict == "too few rounds"


def test_the_ratio_is_taken_round_by_round() -> None:
    # The machine slowed down for both, so every round shows the factor two.
    ratio = compare([200, 100, 50], [100, 50, 25]).ratio
    assert (ratio.low, ratio.median, ratio.high) == (2, 2, 2)
