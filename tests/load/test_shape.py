"""Test the shape of a load without a clock: exact counts at exact times."""

from __future__ import annotations

from itertools import pairwise

import pytest
from boomtalk.engine.errors import UsageError
from boomtalk.engine.load.parsing import (
    parse_increase,
    parse_rate,
    parse_stage,
    shape_of,
)
from boomtalk.engine.load.shape import ArrivalRate, Load, Ramp, Shape, Stage, Stages, spacing
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("shape", "elapsed", "users"),
    [
        (Ramp(1), 0.0, 1),
        (Ramp(1000), 0.0, 1),
        (Ramp(1000), 0.5, 501),
        (Ramp(1000), 1.0, 1000),
        (Ramp(10, 2), 0.0, 1),
        (Ramp(10, 2), 0.5, 2),
        (Ramp(10, 2), 4.5, 10),
        (Ramp(10, 2), 900.0, 10),
        (Ramp(3, 0.5), 1.9, 1),
        (Ramp(3, 0.5), 2.0, 2),
        (Stages((Stage(10, 50), Stage(10, 50), Stage(5, 0))), 0.0, 0),
        (Stages((Stage(10, 50), Stage(10, 50), Stage(5, 0))), 5.0, 25),
        (Stages((Stage(10, 50), Stage(10, 50), Stage(5, 0))), 15.0, 50),
        (Stages((Stage(10, 50), Stage(10, 50), Stage(5, 0))), 22.5, 25),
        (Stages((Stage(10, 50), Stage(10, 50), Stage(5, 0))), 99.0, 0),
        (Stages((Stage(10, 20),), start=10), 5.0, 15),
    ],
)
def test_users_are_wanted_as_the_shape_says(
    shape: Ramp | Stages, elapsed: float, users: int
) -> None:
    assert shape.users_wanted(elapsed) == users


@pytest.mark.parametrize(
    ("shape", "duration", "starts"),
    [
        (ArrivalRate(10, 5), 10, 100),
        (ArrivalRate(1000 / 3, 5), 3, 1000),
        (ArrivalRate(0.3, 5), 10, 3),
        (ArrivalRate(0, 5, (Stage(10, 50), Stage(10, 50), Stage(5, 0))), None, 250 + 500 + 125),
        (ArrivalRate(10, 5, (Stage(4, 30),)), None, 80),
        (ArrivalRate(0, 5, (Stage(10, 50), Stage(10, 50))), 15, 500),
        (ArrivalRate(5, 5, (Stage(10, 0), Stage(10, 0), Stage(2, 10))), None, 25 + 10),
    ],
)
def test_exactly_the_integral_of_the_rate_comes_due(
    shape: ArrivalRate, duration: float | None, starts: int
) -> None:
    due = list(shape.due_times(duration))
    assert len(due) == starts
    assert due[0] == 0.0
    assert due == sorted(due)
    assert due[-1] < (duration or shape.seconds or 0)


def test_constant_arrivals_are_evenly_spaced() -> None:
    due = list(ArrivalRate(200, 5).due_times(5))
    assert due == pytest.approx([number / 200 for number in range(1000)])


@given(
    st.floats(0, 500),
    st.lists(st.tuples(st.floats(0.5, 30), st.floats(0, 500)), min_size=1, max_size=5),
)
def test_staged_arrivals_follow_the_integral_at_every_moment(
    rate: float, stages: list[tuple[float, float]]
) -> None:
    shape = ArrivalRate(rate, 5, tuple(Stage(*stage) for stage in stages))
    whole, level = 0.0, rate
    for duration, target in stages:
        whole += duration * (level + target) / 2
        level = target
    due = list(shape.due_times())
    assert abs(len(due) - whole) <= 1
    assert all(later >= earlier for earlier, later in pairwise(due))
    assert not due or due[-1] <= sum(duration for duration, _ in stages)


@given(st.floats(1, 1000), st.lists(st.floats(0, 0.1), min_size=2, max_size=50))
def test_a_smooth_stream_never_bursts(rate: float, waits: list[float]) -> None:
    now = last = 0.0
    for wait in waits:
        now += wait
        due_at = spacing(rate, last, now)
        assert due_at >= now
        assert due_at - last >= 1 / rate - 1e-9
        last = due_at


def test_the_request_limit_grows_step_by_step_up_to_its_end() -> None:
    load = Load(max_requests=500, increase=(200, 10))
    assert [load.request_rate(t) for t in (0, 9.9, 10, 20, 99)] == [200, 200, 400, 500, 500]


@pytest.mark.parametrize(
    ("load", "asked"),
    [
        (Load(Ramp(4)), None),
        (Load(Ramp(4), iterations=10), 10),
        (Load(Ramp(4), loops=3), 12),
        (Load(Ramp(4), loops=3, iterations=5), 5),
    ],
)
def test_what_was_asked_for_is_the_smaller_limit(load: Load, asked: int | None) -> None:
    assert load.iterations_asked == asked


def test_the_first_end_counts() -> None:
    stages = Stages((Stage(10, 5), Stage(10, 0)))
    assert Load(stages).seconds == 20
    assert Load(stages, duration=7).seconds == 7
    assert Load(Ramp(5)).seconds is None


def of(text: str, **flags: object) -> Shape:
    stages = [parse_stage(part) for part in text.split()]
    given = {"users": None, "spawn_rate": None, "arrival_rate": None, "max_users": None}
    return shape_of(stages=stages, **(given | flags))  # type: ignore[arg-type]


def test_flags_become_shapes() -> None:
    assert of("") == Ramp(1)
    assert of("", users=7, spawn_rate=2.0) == Ramp(7, 2.0)
    assert of("10s:50 1m:0") == Stages((Stage(10, 50), Stage(60, 0)))
    assert of("10s:50", users=5) == Stages((Stage(10, 50),), start=5)
    assert of("", arrival_rate=200.0) == ArrivalRate(200, 2000)
    assert of("", arrival_rate=5000.0) == ArrivalRate(5000, 10_000)
    assert of("10s:120/m", max_users=9) == ArrivalRate(0, 9, (Stage(10, 2),))


@pytest.mark.parametrize(
    ("text", "flags", "message"),
    [
        ("10s:50 10s:5/s", {}, "cannot be mixed"),
        ("10s:5/s", {"users": 3}, "--users"),
        ("", {"arrival_rate": 0.0}, "above 0"),
        ("", {"max_users": 3}, "--arrival-rate"),
        ("10s:50", {"spawn_rate": 1.0}, "contradict"),
    ],
)
def test_contradictions_are_refused(text: str, flags: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        of(text, **flags)


@pytest.mark.parametrize("text", ["", "10s", "10s:", ":5", "10s:x", "10s:5/x", "10x:5", "10s:-5"])
def test_a_wrong_stage_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a|write"):
        parse_stage(text)


@pytest.mark.parametrize("text", ["200/1", "A", "200/1s/", "0/s", "-5", "/s"])
def test_a_wrong_increase_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an increase"):
        parse_increase(text)


def test_rates_and_increases_are_read() -> None:
    assert parse_rate("30/m") == pytest.approx(0.5)
    assert parse_increase("200/10s") == (200, 10)
    assert parse_increase("200") == (200, 1)
    assert parse_increase("-1") is None
