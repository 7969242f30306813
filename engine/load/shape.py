"""Describe the shape of a load by pure functions of time, without clock, state or waiting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor, inf, sqrt

from msgspec import Struct


class Stage(Struct, frozen=True):
    """A linear change to `target` (users, or starts per second) within `duration` seconds."""

    duration: float
    target: float


class Ramp(Struct, frozen=True):
    """A closed load: a number of users, started at `spawn_rate` per second.

    Without a spawn rate all of them start within the first second.
    """

    users: int = 1
    spawn_rate: float | None = None

    @property
    def peak(self) -> int:
        return self.users

    @property
    def seconds(self) -> float | None:
        """The duration of the shape itself; None means that it has no end."""
        return None

    def users_wanted(self, elapsed: float) -> int:
        """Return how many users should be active after `elapsed` seconds."""
        rate = self.spawn_rate if self.spawn_rate is not None else self.users
        # The first user starts at 0. The small term makes up for rounding at whole numbers.
        return min(self.users, floor(elapsed * rate + 1e-9) + 1)


class Stages(Struct, frozen=True):
    """A closed load with a number of users that follows the stages, beginning at `start`."""

    stages: tuple[Stage, ...]
    start: int = 0

    @property
    def peak(self) -> int:
        return ceil(max([self.start, *(stage.target for stage in self.stages)]))

    @property
    def seconds(self) -> float | None:
        return sum(stage.duration for stage in self.stages)

    def users_wanted(self, elapsed: float) -> int:
        """Return how many users should be active after `elapsed` seconds."""
        return round(_level(self.start, self.stages, elapsed))


class ArrivalRate(Struct, frozen=True):
    """An open load: iterations start on schedule, whether or not earlier ones have ended.

    `rate` is in starts per second: constant, or with `stages` the rate at which the first stage
    begins. `max_users` limits the iterations that run at once.
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
        """Yield the due time of each start in order; the first is due at 0.

        Their number is the integral of the rate over the duration, rounded to a whole number.
        """
        began_at, before = 0.0, 0.0
        level = self.rate
        for stage in self.stages or (Stage(inf, self.rate),):
            until = stage.duration if duration is None else min(stage.duration, duration - began_at)
            if until <= 0:
                return
            inside = _starts(level, stage, until)
            # Start number n is due where the integral of the rate over all stages reaches n, so
            # fractions carry over to the next stage. The small terms absorb rounding errors.
            index, end = ceil(before - 1e-6), before + inside - 1e-6
            is_flat = _is_flat(level, stage)
            while index < end:
                number = max(0.0, index - before)
                yield began_at + (number / level if is_flat else _when(level, stage, number))
                index += 1
            began_at, before, level = began_at + until, before + inside, stage.target


Shape = Ramp | Stages | ArrivalRate


class Load(Struct, frozen=True):
    """A load: its shape, its ends and its rate limits. Times are in seconds.

    `iterations` is a total over all users, `loops` a number per user. The load ends at the first
    of `duration`, the end of the shape, `iterations` and `loops`; without any of them it lasts
    until it is stopped. `warmup` comes before the duration; requests that begin in it are counted
    apart. `max_requests` and `max_iterations` are rates per second over all users. `increase` is
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
        """The largest number of users that can be active at once."""
        return self.shape.peak

    @property
    def iterations_asked(self) -> int | None:
        """The total number of iterations that was asked for, None without such a limit."""
        asked = [] if self.iterations is None else [self.iterations]
        if self.loops is not None:
            asked.append(self.loops * self.users)
        return min(asked, default=None)

    @property
    def seconds(self) -> float | None:
        """The maximum duration without the warm-up, None if only a count or a stop ends it."""
        ends = [end for end in (self.duration, self.shape.seconds) if end is not None]
        return min(ends, default=None)

    @property
    def most_seconds(self) -> float | None:
        """The maximum duration with the warm-up."""
        return None if self.seconds is None else self.seconds + self.warmup

    @property
    def limits_requests(self) -> bool:
        return self.max_requests is not None or self.increase is not None

    def request_rate(self, elapsed: float) -> float:
        """Return how many requests per second are allowed after `elapsed` seconds."""
        most = self.max_requests if self.max_requests is not None else inf
        if self.increase is None:
            return most
        step, period = self.increase
        return min(most, step * (floor(elapsed / period) + 1))

    def iteration_rate(self, _elapsed: float) -> float:
        """Return how many iterations per second are allowed."""
        return self.max_iterations if self.max_iterations is not None else inf


def spacing(rate: float, previous: float, now: float) -> float:
    """Return when the next event of an even stream is due: at least 1/rate after the last one.

    Time that was not used is not made up for, so there are no bursts.
    """
    return max(now, previous + 1 / rate)


def _level(start: float, stages: Sequence[Stage], elapsed: float) -> float:
    level = start
    for stage in stages:
        if elapsed < stage.duration:
            return level + (stage.target - level) * elapsed / stage.duration
        elapsed -= stage.duration
        level = stage.target
    return level


def _is_flat(level: float, stage: Stage) -> bool:
    return stage.duration == inf or stage.target == level


def _starts(level: float, stage: Stage, seconds: float) -> float:
    """Return the number of starts in the first `seconds` of a stage: the integral of its rate."""
    if _is_flat(level, stage):
        return level * seconds
    slope = (stage.target - level) / stage.duration
    return level * seconds + slope * seconds * seconds / 2


def _when(level: float, stage: Stage, number: float) -> float:
    """Return the second of a stage at which `number` starts were due: the inverse of `_starts`."""
    if _is_flat(level, stage):
        return number / level
    slope = (stage.target - level) / stage.duration
    root = sqrt(max(0.0, level * level + 2 * slope * number))
    # Of the two forms of the quadratic formula this one does not subtract nearly equal numbers
    # and does not divide by the slope, so it is exact for small slopes and rates near 0 as well.
    return 2 * number / (level + root) if level + root > 0 else 0.0
