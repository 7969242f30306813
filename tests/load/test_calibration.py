"""Test the verdict on the generator in simulated runs, in which the truth is known."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil

import pytest
from boomtalk.engine.measure.added import AddedLatency
from boomtalk.engine.measure.cpu import CpuTimes
from boomtalk.engine.measure.health import Health, HealthSnapshot
from boomtalk.engine.measure.histogram import Histogram

from .virtual_time import VirtualLoop, run_virtually


@dataclass(frozen=True)
class Disturbance:
    """The loop stands still for `pause` seconds, `often` times a second on average.

    Other programs have the core for the share `waited` of the time, as the system reports it.
    With `varies`, `pause` is the mean of an exponential distribution.
    """

    pause: float = 0.0
    often: float = 1.0
    waited: float = 0.0
    varies: bool = False


QUIET = Disturbance()
FOUR_HOGS = Disturbance(0.003, 40, 0.12)
MANY_HOGS = Disturbance(0.03, 15, 0.45)
PAUSED = Disturbance(0.05)
STARVED = Disturbance(0.06, 2000)
# As its real pauses do, these vary: few requests show how far.
HARDLY_EVER = Disturbance(0.15, 500, varies=True)


class LoopTimer:
    """A timer of the virtual loop, which is exact."""

    resolution = 0.0

    def __init__(self, loop: VirtualLoop, call: Callable[[], None]) -> None:
        self._loop = loop
        self._call = call
        self._handle: asyncio.TimerHandle | None = None

    def set(self, at: float) -> None:
        self.close()
        self._handle = self._loop.call_at(at, self._call)

    def close(self) -> None:
        if self._handle is not None:
            self._handle.cancel()


@dataclass
class Simulation:
    """Users of a target that answers after `service` seconds exactly, on a loop that is held up."""

    service: float
    users: int
    disturbance: Disturbance
    seconds: int = 3
    work: float = 0.0
    seed: int = 7
    loop: VirtualLoop = field(default_factory=VirtualLoop)
    latencies: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        waited = self.disturbance.waited
        self.health = Health(self.loop.time, lambda: CpuTimes(0.0, waited * self.loop.time()))
        self.health.added = AddedLatency(
            self.loop.time, lambda call: LoopTimer(self.loop, call), self._chance.random
        )

    def run(self) -> HealthSnapshot:
        run_virtually(self._story(), self.loop)
        return self.health.snapshot()

    async def _story(self) -> None:
        self.health.start()
        tasks = [asyncio.create_task(self._user()) for _ in range(self.users)]
        tasks += [asyncio.create_task(self._disturb())]
        for second in range(1, self.seconds + 1):
            before = len(self.latencies)
            await asyncio.sleep(second - self.loop.time())
            histogram = Histogram()
            histogram.add(self.latencies[before:])
            self.health.end_second(self.loop.time() - second, histogram, 0)
        for task in tasks:
            task.cancel()
        self.health.stop()

    async def _user(self) -> None:
        added = self.health.added
        sender = Sender()
        while True:
            probe = added.probe("step", sender) if added.is_next() else None
            sender.sent_at = self.loop.time()
            await asyncio.sleep(self.service)
            latency = self.loop.time() - sender.sent_at
            self.latencies.append(latency)
            if probe is not None:
                added.end(probe, latency)
            self.loop.spend(self.work)

    async def _disturb(self) -> None:
        while self.disturbance.pause:
            await asyncio.sleep(self._chance.expovariate(self.disturbance.often))
            pause = self.disturbance.pause
            varies = self.disturbance.varies
            self.loop.spend(self._chance.expovariate(1 / pause) if varies else pause)


@dataclass
class Sender:
    sent_at: float = 0.0


def tail(values: list[float]) -> float:
    return sorted(values)[ceil(len(values) * 0.99) - 1]


@pytest.mark.parametrize(
    ("disturbance", "trusted"),
    [
        (QUIET, (True, True, True)),
        (FOUR_HOGS, (True, True, True)),
        # A pause meets few of the many requests to a fast target, and is short for a slow one.
        (MANY_HOGS, (True, False, True)),
        (PAUSED, (True, False, True)),
    ],
    ids=["quiet", "four hogs", "many hogs", "paused"],
)
@pytest.mark.parametrize(
    ("service", "users", "seconds"), [(0.0001, 1, 2), (0.02, 4, 20), (0.2, 40, 20)]
)
def test_a_run_is_trusted_if_its_p99_is_mostly_the_targets(
    disturbance: Disturbance,
    trusted: Sequence[bool],
    service: float,
    users: int,
    seconds: int,
) -> None:
    is_right = trusted[(0.0001, 0.02, 0.2).index(service)]
    simulation = Simulation(service, users, disturbance, seconds)
    health = simulation.run()
    measured = tail(simulation.latencies)
    truth = tail([latency - service for latency in simulation.latencies])
    assert (truth <= measured / 2) is is_right
    assert health.is_trusted is is_right
    assert health.latency_p99 == pytest.approx(measured, rel=0.005)
    assert health.latency_error == pytest.approx(truth, rel=0.4, abs=0.0005)
    assert health.bad_seconds == 0
    assert health.cpu_wait_mean == pytest.approx(100 * disturbance.waited)


def test_a_pause_that_hardly_any_request_meets_is_not_in_the_error() -> None:
    health = Simulation(0.0001, 1, PAUSED).run()
    assert health.lag.high > 0.04
    assert health.latency_error == pytest.approx(0, abs=1e-5)


def test_probes_do_not_come_late_because_requests_before_them_had_to_wait() -> None:
    simulation = Simulation(0.001, 5, STARVED, seconds=20)
    added = simulation.run().added
    truth = sum(simulation.latencies) / len(simulation.latencies) - 0.001
    assert added.mean == pytest.approx(truth, rel=0.15)


def test_few_requests_show_a_generator_that_hardly_has_a_core() -> None:
    few = [Simulation(0.001, 4, HARDLY_EVER, seconds=5, seed=seed) for seed in range(60)]
    trusted = [one.run().is_trusted for one in few]
    assert max(len(one.latencies) for one in few) < 600
    # Without the probes that are left out, but with the requests beside them: 4 of 60.
    assert trusted.count(True) <= 1


def test_responses_that_wait_for_the_work_on_others_are_the_generators_delay() -> None:
    simulation = Simulation(0.001, 20, QUIET, work=0.0005)
    health = simulation.run()
    # All 20 come together: the last one waits for the work on the 19 before it.
    assert tail(simulation.latencies) > 0.009
    assert not health.is_trusted


def test_probes_are_few_and_stand_for_all_requests() -> None:
    simulation = Simulation(0.001, 4, QUIET)
    health = simulation.run()
    assert health.added.count == pytest.approx(len(simulation.latencies), rel=0.1)
