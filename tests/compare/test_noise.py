"""Test that noise between equal runs is no difference, and that real changes are found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from .runs import Law, compared, verdicts

# One distribution per line, with 10 or 50 pairs of runs each that differ only by chance.
LAWS = {
    "quiet": Law(seconds=24),
    "wandering": Law(seconds=40, drift=0.1, requests=20),
    "stalling": Law(seconds=60, stalls=0.05, requests=20),
    "failing": Law(seconds=30, errors=0.02, requests=30),
}


@pytest.mark.parametrize(("pairs", "most"), [(4, 0), pytest.param(50, 2, marks=pytest.mark.extra)])
@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS.keys())
def test_runs_that_differ_by_chance_hardly_ever_differ(
    law: Law, pairs: int, most: int, tmp_path: Path
) -> None:
    alarms = []
    for pair in range(pairs):
        sides = [replace(law, seed=seed) for seed in (2 * pair, 2 * pair + 1)]
        comparison = compared(tmp_path / str(pair), *sides)
        if comparison.verdict != "no difference":
            alarms.append(pair)
    assert len(alarms) <= most, alarms


@pytest.mark.parametrize("factor", [1.25, 0.8])
def test_a_target_that_got_slower_or_faster_is_found(factor: float, tmp_path: Path) -> None:
    law = Law(seconds=60)
    word = "worse" if factor > 1 else "better"
    comparison = compared(tmp_path, law, replace(law, seed=1, median=law.median * factor))
    found = verdicts(comparison)
    assert found["", "p50"] == found["look", "p50"] == found["buy", "p50"] == word
    assert found["", "error_rate"] == "no difference"
    assert comparison.verdict == word
    (total,) = [one for one in comparison.changes if one.step[1] == "" and one.figure.name == "p50"]
    assert total.low is not None
    assert total.high is not None
    assert total.low < factor - 1 < total.high


def test_more_failures_are_worse_and_fewer_are_better(tmp_path: Path) -> None:
    few, many = Law(seconds=60, errors=0.005), Law(seconds=60, seed=1, errors=0.05)
    assert verdicts(compared(tmp_path / "1", few, many))["", "error_rate"] == "worse"
    assert verdicts(compared(tmp_path / "2", many, few))["", "error_rate"] == "better"


def test_a_step_that_got_slower_is_found_among_others_that_did_not(tmp_path: Path) -> None:
    law = Law(seconds=60, steps=("a", "b", "c", "d"), drift=0.0)
    slow = replace(law, seed=1, steps=("a", "b", "c"))
    comparison = compared(tmp_path, law, slow)
    assert [step[1] for step in comparison.only_in_a] == ["d"]
    assert comparison.only_in_b == []
    found = verdicts(comparison)
    assert found["", "rate"] == "worse"  # a quarter of the requests is gone
    assert {found[step, "rate"] for step in "abc"} == {"no difference"}


def test_a_change_below_the_least_is_no_difference_unless_a_limit_asks_for_it(
    tmp_path: Path,
) -> None:
    law = Law(seconds=120, drift=0.0, requests=200, steps=("look",))
    slower = replace(law, seed=1, median=law.median * 1.035)
    assert verdicts(compared(tmp_path / "1", law, slower))["look", "p50"] == "no difference"
    strict = compared(tmp_path / "2", law, slower, 0.02)
    assert verdicts(strict)["look", "p50"] == "worse"
    assert strict.fails(0.02)


def test_the_noise_tells_how_large_a_change_has_to_be(tmp_path: Path) -> None:
    law = Law(seconds=60, drift=0.0)
    reaches = []
    for drift in (0.0, 0.2):
        sides = [replace(law, seed=seed, drift=drift) for seed in (0, 1)]
        changes = compared(tmp_path / str(drift), *sides).changes
        (p50,) = [one for one in changes if one.step[1] == "" and one.figure.name == "p50"]
        assert p50.least_seen is not None
        reaches.append(p50.least_seen)
    quiet, noisy = reaches
    assert 0 < quiet < 0.1
    assert noisy > 2 * quiet


def test_only_what_is_worse_by_the_limit_fails(tmp_path: Path) -> None:
    law = Law(seconds=60, drift=0.0)
    comparison = compared(tmp_path, law, replace(law, seed=1, median=law.median * 1.3))
    assert comparison.fails(None)
    assert comparison.fails(0.2)
    assert not comparison.fails(0.5)


def test_failures_where_there_were_none_are_more_than_any_limit(tmp_path: Path) -> None:
    law = Law(seconds=60, drift=0.0)
    comparison = compared(tmp_path, law, replace(law, seed=1, errors=0.05))
    assert comparison.fails(10.0)


def test_ramp_warmup_and_the_end_of_a_run_are_left_out(tmp_path: Path) -> None:
    law = Law(seconds=40)
    strange = replace(law, seed=1, seconds=46, ramp=6, warmup=4)
    comparison = compared(tmp_path, law, strange)
    assert comparison.verdict == "no difference"
    assert comparison.b.steady.seconds <= 39
    p99 = next(one for one in comparison.changes if one.figure.name == "p99")
    assert p99.after is not None
    assert p99.after < 0.2


def test_an_open_load_is_compared_by_its_responses_too(tmp_path: Path) -> None:
    law = Law(seconds=60, model="open")
    comparison = compared(tmp_path, law, replace(law, seed=1, median=law.median * 2))
    found = verdicts(comparison)
    assert found["", "response p95"] == found["look", "response p95"] == "worse"


def test_a_percentile_with_few_values_beyond_it_is_not_judged(tmp_path: Path) -> None:
    law = Law(seconds=40, requests=5)
    found = verdicts(compared(tmp_path, law, replace(law, seed=1)))
    assert found["look", "p50"] == "no difference"
    assert ("look", "p99") not in found


def test_runs_that_are_too_short_cannot_tell_and_fail(tmp_path: Path) -> None:
    law = Law(seconds=12)
    comparison = compared(tmp_path, law, replace(law, seed=1))
    assert (comparison.verdict, list(comparison.changes)) == ("too short to tell", [])
    assert comparison.fails(0.5)


def test_the_same_records_give_the_same_comparison(tmp_path: Path) -> None:
    law = Law()
    first = compared(tmp_path / "1", law, replace(law, seed=1))
    again = compared(tmp_path / "2", law, replace(law, seed=1))
    assert first.changes == again.changes
