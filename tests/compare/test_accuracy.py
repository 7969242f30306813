"""Test that a comparison does not take the generators' own delays for changes of the target."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from boomtalk.engine.compare.comparison import NO_DIFFERENCE, TOO_INACCURATE, WORSE, Change

from .runs import Law, compared

LAW = Law(requests=200, drift=0.01)


def change(folder: Path, a: Law, b: Law, figure: str) -> Change:
    (one,) = [
        one
        for one in compared(folder, a, b).changes
        if (one.step[1], one.figure.name) == ("look", figure)
    ]
    return one


def bounds(one: Change) -> tuple[float, float]:
    assert one.low is not None
    assert one.high is not None
    return one.low, one.high


@pytest.mark.parametrize(
    ("added", "verdict"),
    [(0.0, WORSE), (0.001, WORSE), (0.005, NO_DIFFERENCE), (0.03, TOO_INACCURATE)],
)
def test_a_rise_that_may_be_the_generators_own_is_no_difference(
    tmp_path: Path, added: float, verdict: str
) -> None:
    slower = replace(LAW, seed=1, median=1.3 * LAW.median, added=added)
    assert change(tmp_path, LAW, slower, "p50").verdict == verdict


def test_the_interval_holds_the_change_of_the_target_alone(tmp_path: Path) -> None:
    delayed = replace(LAW, seed=1, median=LAW.median + 0.002, added=0.002)
    found = change(tmp_path, LAW, delayed, "p50")
    low, high = bounds(found)
    assert found.change == pytest.approx(0.2, abs=0.05)
    assert low < 0 < high < 0.3
    assert bounds(change(tmp_path / "other", delayed, LAW, "p50"))[1] > 0


def test_the_rate_of_a_closed_load_may_be_higher_without_the_delay(tmp_path: Path) -> None:
    delayed = replace(LAW, seed=1, added=0.003)
    closed = change(tmp_path / "closed", LAW, delayed, "rate")
    open_ = change(
        tmp_path / "open", replace(LAW, model="open"), replace(delayed, model="open"), "rate"
    )
    assert closed.own[1] == pytest.approx(0.003 / (0.01 * 1.133), rel=0.01)
    assert open_.own == (0, 0)
    assert bounds(closed)[1] > bounds(open_)[1] + 0.2
