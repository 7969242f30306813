"""The shape of a load as pure functions of time: no clock, no state, no waiting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, inf, sqrt


@dataclass(frozen=True, slots=True)
class Stage:
    """Go linearly to `target` (users, or starts per second) within `duration` seconds."""

    duration: float
    target: float


@dataclass(frozen=True, slots=True)
class Ramp:
    """Closed: so many users, started at `spawn_rate` per second (None: within one second)."""

    users: int = 1
    spawn_rate: float | None = None

    @property
    def peak(self) -> int:
        return self.users

    @property
    def seconds(self) -> float | None:
        """How long the shape itself lasts; None is without an end."""
        return None

    def users_wanted(self, elapsed: float) -> int:
        """Return how many users should be at work after so many seconds."""
        rate = self.spawn_rate if self.spawn_rate is not None else self.users
        return min(self.users, floor(elapsed * rate + 1e-9) + 1)


@dataclass(frozen=True, slots=True)
class Stages:
    """Closed: the number of users follows the stages, from `start` on."""

    stages: tuple[Stage, ...]
    start: int = 0

    @property
    def peak(self) -> int:
        return ceil(max([self.start, *(stage.target for stage in self.stages)]))

    @property
    def seconds(self) -> float | None:
        return sum(stage.duration for stage in self.stages)

    def users_wanted(self, elapsed: float) -> int:
        """Return how many users should be at work after so many seconds."""
        return round(_level(self.start, self.stages, elapsed))


@dataclass(frozen=True, slots=True)
class ArrivalRate:
    """Open: iterations start at their due times, whatever the ones before are doing.

    `rate` is starts per second, constant or (with `stages`) where the first stage begins.
    `max_users` bounds the iterations at work at once.
    """

    rate: float
    max_users: int
    stages: tuple[Stage, ...] = ()

    @property
    def peak(self) -> int:
        return self.max_users

    @property
    def seconds(self) -> float | None:
        return sum(stage.duration for stage in self.stages) if self.stages else None

    def due_times(self, duration: float | None = None) -> Iterator[float]:
        """Yield the due time of each start in order, the first at 0.

        Exactly as many as the integral of the rate over the duration (rounded to the nearest
        whole number where it falls between two).
        """
        began_at, before = 0.0, 0.0
        level = self.rate
        for stage in self.stages or (Stage(inf, self.rate),):
            until = stage.duration if duration is None else min(stage.duration, duration - began_at)
            if until <= 0:
                return
            inside = _starts(level, stage, until)
            first = ceil(before - 1e-6)
            index = first
            while index < before + inside - 1e-6:
                yield began_at + _when(level, stage, max(0.0, index - before))
                index += 1
            began_at, before, level = began_at + until, before + inside, stage.target


Shape = Ramp | Stages | ArrivalRate


@dataclass(frozen=True, slots=True)
class Load:
    """A shape and its ends. Times are seconds.

    `iterations` is a total over all users, `loops` a number per user. The first end reached of
    `duration`, the shape's own, `iterations` and `loops` ends the load; without any it lasts
    until stopped. `warmup` comes before the duration; what begins in it is told apart.
    `max_requests` and `max_iterations` are rates per second over all users; `increase` is
    (step, period): the request limit starts at `step` and grows by it every `period` seconds.
    """

    shape: Shape = Ramp()
    duration: float | None = None
    iterations: int | None = None
    loops: int | None = None
    graceful_stop: float = 30.0
    warmup: float = 0.0
    max_requests: float | None = None
    max_iterations: float | None = None
    increase: tuple[float, float] | None = None
    seed: int | None = None

    @property
    def model(self) -> str:
        return "open" if isinstance(self.shape, ArrivalRate) else "closed"

    @property
    def users(self) -> int:
        """The most users that can be at work at once."""
        return self.shape.peak

    @property
    def iterations_asked(self) -> int | None:
        """How many iterations were asked for in all, None without such a limit."""
        asked = [] if self.iterations is None else [self.iterations]
        if self.loops is not None:
            asked.append(self.loops * self.users)
        return min(asked, default=None)

    @property
    def seconds(self) -> float | None:
        """How long it lasts at most without the warm-up, None if only a stop or a count ends it."""
        ends = [end for end in (self.duration, self.shape.seconds) if end is not None]
        return min(ends, default=None)

    @property
    def limits_requests(self) -> bool:
        return self.max_requests is not None or self.increase is not None

    def request_rate(self, elapsed: float) -> float:
        """Return the requests per second allowed after so many seconds."""
        most = self.max_requests if self.max_requests is not None else inf
        if self.increase is None:
            return most
        step, period = self.increase
        return min(most, step * (floor(elapsed / period) + 1))

    def iteration_rate(self, _elapsed: float) -> float:
        """Return the iterations per second allowed."""
        return self.max_iterations if self.max_iterations is not None else inf


def spacing(rate: float, previous: float, now: float) -> float:
    """Return when the next of a smooth stream may go: never two closer than 1/rate, no bursts."""
    return max(now, previous + 1 / rate)


def _level(start: float, stages: Sequence[Stage], elapsed: float) -> float:
    level = start
    for stage in stages:
        if elapsed < stage.duration:
            return level + (stage.target - level) * elapsed / stage.duration
        elapsed -= stage.duration
        level = stage.target
    return level


def _starts(level: float, stage: Stage, seconds: float) -> float:
    """Return the integral of the stage's rate over its first so many seconds."""
    if stage.duration == inf or stage.target == level:
        return level * seconds
    slope = (stage.target - level) / stage.duration
    return level * seconds + slope * seconds * seconds / 2


def _when(level: float, stage: Stage, number: float) -> float:
    """Return the second of the stage at which its integral reaches `number`."""
    if stage.duration == inf or stage.target == level:
        return number / level
    slope = (stage.target - level) / stage.duration
    root = sqrt(max(0.0, level * level + 2 * slope * number))
    # Of the two forms of the root the one without cancellation, also for a rate from or to 0.
    return 2 * number / (level + root) if level + root > 0 else 0.0
