"""Test that the parts of a load add up to it at every moment."""

from __future__ import annotations

from itertools import islice

import pytest
from boomtalk.engine.errors import UsageError
from boomtalk.engine.load.shape import ArrivalRate, Load, Ramp, Shape, Stage, Stages
from boomtalk.engine.shards.split import Part, check_parts, part_of
from hypothesis import given
from hypothesis import strategies as st

SHARDS = st.integers(1, 9)
MOMENTS = st.floats(0, 100)
STAGES = st.lists(
    st.builds(Stage, st.floats(0.1, 30), st.integers(0, 500)), min_size=1, max_size=4
).map(tuple)
RAMPS = st.builds(Ramp, st.integers(1, 5_000), st.none() | st.floats(0.1, 1_000))
ARRIVALS = st.builds(ArrivalRate, st.floats(0.1, 50), st.integers(1, 100), st.just(()) | STAGES)


def parts(load: Load, of: int) -> list[Load]:
    return [part_of(load, Part(index, of)) for index in range(of)]


@given(RAMPS | st.builds(Stages, STAGES, st.integers(0, 100)), SHARDS, MOMENTS)
def test_the_users_of_all_shards_are_those_of_the_load_at_every_moment(
    shape: Ramp | Stages, of: int, elapsed: float
) -> None:
    wanted = [part.shape.users_wanted(elapsed) for part in parts(Load(shape), of)]

    assert sum(wanted) == shape.users_wanted(elapsed)
    assert max(wanted) - min(wanted) <= 1


@given(RAMPS | st.builds(Stages, STAGES, st.integers(0, 100)) | ARRIVALS, SHARDS)
def test_the_most_users_of_all_shards_are_those_of_the_load(shape: Shape, of: int) -> None:
    split = parts(Load(shape), of)

    assert sum(part.users for part in split) == shape.peak
    assert {part.seconds for part in split} == {shape.seconds}
    assert {part.model for part in split} == {Load(shape).model}


@given(ARRIVALS, SHARDS, st.none() | st.floats(0, 20))
def test_every_start_of_an_open_load_is_due_in_one_shard_at_its_time(
    shape: ArrivalRate, of: int, duration: float | None
) -> None:
    split = parts(Load(shape), of)

    dues = [list(islice(part.shape.due_times(duration), 300 // of)) for part in split]

    together = sorted(due for one in dues for due in one)
    assert together[: 300 // of] == list(islice(shape.due_times(duration), 300 // of))


@given(st.integers(1, 100_000), SHARDS)
def test_the_iterations_of_all_shards_are_those_asked_for(iterations: int, of: int) -> None:
    split = parts(Load(Ramp(100), iterations=iterations), of)

    assert sum(part.iterations for part in split) == iterations


@given(SHARDS, st.integers(1, 20))
def test_loops_are_a_number_per_user_in_every_shard(of: int, loops: int) -> None:
    load = Load(Ramp(100), loops=loops)

    assert sum(part.iterations_asked for part in parts(load, of)) == load.iterations_asked


@given(SHARDS, st.floats(1, 10_000), MOMENTS)
def test_limits_per_second_are_shared(of: int, rate: float, elapsed: float) -> None:
    load = Load(max_requests=rate, max_iterations=rate, increase=(rate / 10, 2.0))
    split = parts(load, of)

    requests = sum(part.request_rate(elapsed) for part in split)
    assert requests == pytest.approx(load.request_rate(elapsed))
    assert sum(part.iteration_rate(elapsed) for part in split) == pytest.approx(rate)


@given(st.integers(0, 1_000), st.integers(0, 1_000), SHARDS)
def test_no_two_shards_of_any_seeds_draw_alike(one: int, other: int, of: int) -> None:
    seeds = [part.seed for seed in {one, other} for part in parts(Load(seed=seed), of)]

    assert len(set(seeds)) == len(seeds)


def test_one_shard_is_the_load() -> None:
    load = Load(Ramp(7, 2.0), iterations=5, max_requests=3.0, seed=9, duration=4.0)
    (whole,) = parts(load, 1)

    assert (whole.users, whole.iterations, whole.max_requests) == (7, 5, 3.0)
    assert (whole.seed, whole.duration) == (9, 4.0)


def test_more_shards_than_users_are_refused() -> None:
    with pytest.raises(UsageError, match="3 shards cannot share 2 users"):
        check_parts(Load(Ramp(2)), 3)


@given(st.integers(0, 200), SHARDS)
def test_every_row_is_dealt_by_one_shard(rows: int, of: int) -> None:
    split = [Part(index, of).count(rows) for index in range(of)]

    assert sum(split) == rows
