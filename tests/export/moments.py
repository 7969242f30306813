"""Make the outcome of a run at one moment."""

from __future__ import annotations

from boomtalk.engine.http.channel import Wire
from boomtalk.engine.load.load_run import Outcome
from boomtalk.engine.measure.health import Health
from boomtalk.engine.measure.plugins import PluginSnapshot
from boomtalk.engine.measure.stats import Stats


def moment(stats: Stats, plugins: tuple[PluginSnapshot, ...] = ()) -> Outcome:
    health = Health().snapshot()
    return Outcome(stats.snapshot(), health, plugins, Wire(), None, None, (), 0)
