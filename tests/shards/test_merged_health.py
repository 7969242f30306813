"""Test what several shards together say about their generators."""

from __future__ import annotations

from typing import Any, cast

import pytest
from boomtalk.engine.measure.health import HealthSnapshot
from boomtalk.engine.measure.histogram import Histogram
from boomtalk.engine.shards.account import Account
from boomtalk.engine.shards.merged import MergedRun


class Shard:
    """An account of a shard that has told only its health."""

    def __init__(self, added: float) -> None:
        histogram = Histogram()
        histogram.add([added] * 100)
        known: dict[str, Any] = dict.fromkeys(("cpu_mean", "cpu_peak", "cpu_now", "gc_pause"), 0.0)
        known |= dict.fromkeys(("rss", "rss_peak", "bad_seconds", "degraded_seconds"), 0)
        self.health = HealthSnapshot(
            **known, lag=Histogram(), seconds=10, added=histogram, latency_p99=1.0
        )


def test_the_error_of_all_is_that_of_the_worst_shard() -> None:
    merged = MergedRun([cast(Account, Shard(added)) for added in (0.001, 0.005, 0.002)])
    assert merged.health().latency_error == pytest.approx(0.005, rel=0.004)
