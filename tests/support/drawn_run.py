"""A load run that sends nothing: its numbers are made up, to be drawn on a screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from boomtalk.engine.errors import StepFailed
from boomtalk.engine.http.channel import Wire
from boomtalk.engine.load.load_run import Outcome, SecondListener
from boomtalk.engine.load.shape import Load, Ramp
from boomtalk.engine.measure.health import HealthSnapshot
from boomtalk.engine.measure.histogram import Histogram
from boomtalk.engine.measure.stats import Stats

_USERS = 20


class DrawnRun:
    """Counts what a test tells it; has what a screen reads of a run."""

    def __init__(self, steps: int, case: str = "shop") -> None:
        self.now = 0.0
        self.stats = Stats(lambda: self.now)
        self.stats.users = self.stats.users_wanted = _USERS
        self.load = Load(Ramp(_USERS), duration=60.0)
        self.state = ""
        self.listeners: list[SecondListener] = []
        names = [f"step {number:02}" for number in range(1, steps + 1)]
        self.steps = [self.stats.step(case, name, "request-GET") for name in names]
        self.action = self.stats.transaction(case, "Action")

    def second(self, latencies: Sequence[float] = (0.002, 0.003, 0.05), failing: Any = ()) -> None:
        """Let a second pass: each step gets requests with these latencies.

        Those of `failing` (step numbers) fail a check.
        """
        for number, series in enumerate(self.steps, 1):
            counts = series.counts
            counts.latencies += latencies
            counts.issued += len(latencies)
            for _ in latencies:
                if number in failing:
                    counts.status[503] += 1
                    message = f"status_code eq {number}: got 503"
                    check = message.partition(": ")[0]
                    series.fail(StepFailed("check", message, check=check), counts)
                else:
                    counts.status[200] += 1
                    counts.ok += 1
        self.action.add(self.now, self.now + 1, not failing)
        self.now += 1.0
        ended = self.stats.end_second(round(self.now), 0, 0.0)
        for listener in self.listeners:
            listener(ended)

    def progress(self) -> Outcome:
        health = HealthSnapshot(9.0, 12.0, 10.0, Histogram(), 60_000_000, 60_000_000, 0.0, 0, 0, 5)
        snapshot = self.stats.snapshot()
        return Outcome(snapshot, health, (), Wire(), None, None, (), 0)
