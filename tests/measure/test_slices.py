"""Test that the seconds of a run add up to its numbers."""

from __future__ import annotations

from boomtalk.engine.measure.histogram import merged
from boomtalk.engine.measure.snapshot import Slice, sum_steps
from boomtalk.engine.measure.stats import Stats


def one_request(stats: Stats, seconds: float) -> None:
    counts = stats.step("shop", "buy", "request-GET").counts
    counts.issued += 1
    counts.latencies.append(seconds)
    counts.status[503 if seconds > 0.05 else 200] += 1
    counts.ok += 1
    stats.transaction("shop", "Action").add(stats.elapsed(), stats.elapsed() + seconds, True)


def run_with_warmup() -> tuple[Stats, list[Slice]]:
    now = 0.0
    stats = Stats(lambda: now)
    slices = []
    for second in (-1, 1, 2, 3):
        for milliseconds in range(1, 20):
            one_request(stats, milliseconds / 1000 * abs(second))
        now += 1
        slices.append(stats.end_second(second, 1, 0.0))
        if second == -1:
            stats.end_warmup()
    return stats, slices


def test_the_slices_of_the_measured_time_add_up_to_the_total() -> None:
    stats, slices = run_with_warmup()

    measured = sum_steps(row for one in slices if one.second.t > 0 for row in one.steps)

    assert (measured.issued, measured.ok) == (57, 57)
    assert measured.status == {200: 54, 503: 3}
    assert measured == stats.snapshot().total


def test_the_slices_of_the_warmup_add_up_to_its_total() -> None:
    stats, slices = run_with_warmup()

    (warmup,) = (one for one in slices if one.second.t < 0)

    assert sum_steps(warmup.steps) == stats.snapshot().warmup


def test_what_began_in_the_warmup_is_told_apart_in_the_second_in_which_it_ends() -> None:
    stats, _ = run_with_warmup()
    series = stats.step("shop", "buy", "request-GET")
    assert series.warmup is not None
    series.warmup.cancelled += 1

    late = stats.end_second(4, 1, 0.0)

    assert late.warmup is not None
    assert (late.warmup.cancelled, late.steps[0].cancelled) == (1, 0)


def test_the_slices_of_a_transaction_add_up_to_it() -> None:
    stats, slices = run_with_warmup()

    spans = [row for one in slices if one.second.t > 0 for row in one.transactions]

    (whole,) = stats.snapshot().transactions
    assert sum(span.ok for span in spans) == whole.ok == 57
    assert merged(span.duration for span in spans) == whole.duration


def test_a_snapshot_in_the_middle_of_a_second_takes_nothing_from_its_slice() -> None:
    stats = Stats(lambda: 0.0)
    one_request(stats, 0.1)
    stats.snapshot()
    one_request(stats, 0.2)

    ended = stats.end_second(1, 1, 0.0)

    assert ended.steps[0].latency.count == ended.steps[0].ok == 2
