"""The shape of a load as pure functions of time: no clock, no state, no waiting."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor


@dataclass(frozen=True, slots=True)
class Load:
    """A closed load: so many users, each starting its next iteration when the last one ended.

    Times are seconds, `spawn_rate` is users per second (None: all within the first second),
    `iterations` is a total over all users, `loops` a number per user. The first end reached of
    `duration`, `iterations` and `loops` ends the load; without any it lasts until stopped.
    """

    users: int = 1
    spawn_rate: float | None = None
    duration: float | None = None
    iterations: int | None = None
    loops: int | None = None
    graceful_stop: float = 30.0
    seed: int | None = None

    @property
    def iterations_asked(self) -> int | None:
        """How many iterations were asked for in all, None without such a limit."""
        asked = [] if self.iterations is None else [self.iterations]
        if self.loops is not None:
            asked.append(self.loops * self.users)
        return min(asked, default=None)


def users_wanted(load: Load, elapsed: float) -> int:
    """Return how many users should have been started after so many seconds."""
    rate = load.spawn_rate if load.spawn_rate is not None else load.users
    return min(load.users, floor(elapsed * rate) + 1)


def spawn_seconds(load: Load) -> float:
    """Return how long it takes until the last user is started."""
    rate = load.spawn_rate if load.spawn_rate is not None else load.users
    return (load.users - 1) / rate
