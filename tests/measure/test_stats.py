"""Test what the statistics of a run say of its time."""

from __future__ import annotations

from boomtalk.engine.measure.stats import Stats


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_steps_after_the_load_lengthen_neither_the_load_nor_its_warm_up() -> None:
    clock = Clock()
    stats = Stats(clock)
    stats.start_clock()
    clock.now += 2
    stats.end_warmup()
    clock.now += 3
    stats.end_load()
    clock.now += 4
    snapshot = stats.snapshot()
    assert (snapshot.elapsed, snapshot.measured) == (5, 3)


def test_a_warm_up_that_outlives_the_load_leaves_nothing_measured() -> None:
    clock = Clock()
    stats = Stats(clock)
    stats.start_clock()
    clock.now += 2
    stats.end_load()
    clock.now += 1
    stats.end_warmup()
    assert (stats.snapshot().elapsed, stats.snapshot().measured) == (2, 0)
