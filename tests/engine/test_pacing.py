"""The shape of a load, with no clock at all."""

from __future__ import annotations

import pytest
from boomtalk.engine.load.pacing import Load, spawn_seconds, users_wanted


@pytest.mark.parametrize(
    ("load", "elapsed", "users"),
    [
        (Load(users=1), 0.0, 1),
        (Load(users=1000), 0.0, 1),
        (Load(users=1000), 0.5, 501),
        (Load(users=1000), 1.0, 1000),
        (Load(users=10, spawn_rate=2), 0.0, 1),
        (Load(users=10, spawn_rate=2), 0.5, 2),
        (Load(users=10, spawn_rate=2), 4.5, 10),
        (Load(users=10, spawn_rate=2), 900.0, 10),
        (Load(users=3, spawn_rate=0.5), 1.9, 1),
        (Load(users=3, spawn_rate=0.5), 2.0, 2),
    ],
)
def test_users_are_started_at_the_rate(load: Load, elapsed: float, users: int) -> None:
    assert users_wanted(load, elapsed) == users


@pytest.mark.parametrize(
    ("load", "seconds"),
    [(Load(users=1), 0.0), (Load(users=1000), 0.999), (Load(users=11, spawn_rate=2), 5.0)],
)
def test_the_last_user_starts_when_the_rate_says(load: Load, seconds: float) -> None:
    assert spawn_seconds(load) == pytest.approx(seconds)
    assert users_wanted(load, seconds) == load.users


@pytest.mark.parametrize(
    ("load", "asked"),
    [
        (Load(users=4), None),
        (Load(users=4, iterations=10), 10),
        (Load(users=4, loops=3), 12),
        (Load(users=4, loops=3, iterations=5), 5),
    ],
)
def test_what_was_asked_for_is_the_smaller_limit(load: Load, asked: int | None) -> None:
    assert load.iterations_asked == asked
