"""Decide whether another iteration may start, and which case it runs."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import accumulate

from ..scenario.scenario import Scenario
from ..stop import Stop
from .shape import Load

Take = Callable[[], Scenario | None]


class Tickets:
    """Hands out iterations until the run is stopped or all requested ones were started."""

    def __init__(
        self, scenarios: Sequence[Scenario], load: Load, stop: Stop, chance: random.Random
    ) -> None:
        self._only = scenarios[0] if len(scenarios) == 1 else None
        self._pick = _picker(scenarios, chance)
        self._stop = stop
        self._left = load.iterations
        self._loops = load.loops

    @property
    def are_gone(self) -> bool:
        """Return whether no further iteration may start."""
        return self._stop.is_requested or self._left == 0

    def take(self) -> Scenario | None:
        """Return the scenario of the next iteration, None if no further one may start."""
        if self._stop.is_requested or self._left == 0:
            return None
        scenario = self._only or self._pick()
        if scenario.rows is not None and not scenario.deal():
            self._stop.request("data")
            return None
        if self._left is not None:
            self._left -= 1
        return scenario

    def for_user(self) -> Take:
        """Return a `take` for one user of a closed load, which counts the user's loops, too."""
        if self._loops is None:
            return self.take
        loops = self._loops

        def take() -> Scenario | None:
            nonlocal loops
            if loops == 0:
                return None
            loops -= 1
            return self.take()

        return take


def _picker(scenarios: Sequence[Scenario], chance: random.Random) -> Callable[[], Scenario]:
    weights = _weights(scenarios)
    shares = list(accumulate(weights))
    return lambda: chance.choices(scenarios, cum_weights=shares)[0]


def runnable(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Return the scenarios that iterations can get."""
    weights = zip(scenarios, _weights(scenarios), strict=True)
    return [scenario for scenario, weight in weights if weight]


def _weights(scenarios: Sequence[Scenario]) -> list[int]:
    # As in HttpRunner: if no case has a weight, all are equally likely; else a case without a
    # weight never runs.
    weights = [scenario.weight or 0 for scenario in scenarios]
    return weights if any(weights) else [1] * len(scenarios)
