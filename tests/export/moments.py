"""Make the outcome of a run at one moment."""

from __future__ import annotations

from boomtalk.engine.http.channel import Wire
from boomtalk.engine.load.load_run import Outcome
from boomtalk.engine.measure.health import Health
from boomtalk.engine.measure.histogram import Histogram
from boomtalk.engine.measure.plugins import PluginSnapshot
from boomtalk.engine.measure.stats import Stats
from msgspec.structs import replace


def moment(
    stats: Stats, plugins: tuple[PluginSnapshot, ...] = (), *, is_measured: bool = False
) -> Outcome:
    """Return the outcome; with `is_measured` the generator has probed its own delays."""
    health = Health().snapshot()
    if is_measured:
        probed = Histogram()
        probed.add([0.001])
        health = replace(health, lag=probed, added=probed, latency_p99=0.1)
    return Outcome(stats.snapshot(), health, plugins, Wire(), None, None, (), 0)


def plugin(shard: int, calls: int, rss: int | None) -> PluginSnapshot:
    counts = ("errors", "timeouts", "crashed", "cancelled", "unavailable", "late_answers")
    return PluginSnapshot(
        path="debugtalk.py",
        state="ready",
        pid=1,
        python="3.11",
        starts=1,
        source_changed=False,
        calls=calls,
        ok=calls,
        rss=rss,
        rss_peak=rss,
        cpu_seconds=None,
        wait=Histogram(),
        run=Histogram(),
        functions=(),
        shard=shard,
        **dict.fromkeys((*counts, "frames_bad", "in_flight", "queued", "restarts"), 0),
    )
