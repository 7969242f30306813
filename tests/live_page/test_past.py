"""Test that what late viewers get is bounded in size and exact."""

from __future__ import annotations

import json

from boomtalk.engine.live_page.past import Past
from boomtalk.engine.measure.histogram import Histogram
from boomtalk.engine.measure.snapshot import StepSnapshot
from boomtalk.engine.record.seconds import RecordedSecond

from tests.page.recorded import buckets_of

SO_FAR = {
    "errors": [],
    "plugins": [],
    "iterations": dict.fromkeys(("started", "completed", "failed", "interrupted", "dropped"), 0),
}
NUMBERS = {"issued": 2, "ok": 2, "failed": 0, "users": 1, "lag_ms": None}


def second(t: int, elapsed: float) -> RecordedSecond:
    latency = Histogram()
    latency.add([0.001, 0.001 * (t % 7 + 1)])
    row = StepSnapshot("case", "step", "request-GET", issued=2, ok=2, latency=latency)
    return RecordedSecond(t, NUMBERS, elapsed, (row,), None, (), SO_FAR)


def test_slices_get_longer_in_a_long_run_and_lose_nothing() -> None:
    past, warmup, whole = Past(5.0), 5, Histogram()
    for index in range(1300):
        one = second(index - warmup if index < warmup else index - warmup + 1, index + 1.0)
        whole.merge(one.steps[0].latency)
        past.add(one)
    slices = [json.loads(data) for data in past.slices]
    assert len(slices) < 850
    assert sum(one["issued"][0] for one in slices) == 2600
    rows = [row for one in slices for step in one["steps"] for row in step["slices"]]
    assert sum(row[1] for row in rows) == 2600
    counted: dict[int, int] = {}
    for row in rows:
        for bucket, number in buckets_of(row[7][3]).items():
            counted[bucket] = counted.get(bucket, 0) + number
    assert counted == whole.counts
    ends = [one["at"][0] for one in slices]
    assert ends == sorted(set(ends))
    assert ends[-1] == 1295.0
    assert 0.0 in ends  # no slice contains the end of the warm-up
    assert sum(one["warmup"] for one in slices) == 5
