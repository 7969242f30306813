"""Test that the generator detects when it is the bottleneck, and what else limited a run."""

from __future__ import annotations

import asyncio
import resource
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import uvloop
from boomtalk.engine import ArrivalRate, Load, Ramp, RunSettings, load_cases
from boomtalk.engine.errors import StepFailed
from boomtalk.engine.load.bottleneck import limit_of, time_split
from boomtalk.engine.load.load_run import Outcome
from boomtalk.engine.load.run import Run
from boomtalk.engine.load.trust import doubt_of
from boomtalk.engine.measure.cpu import CpuMeter, CpuTimes
from boomtalk.engine.measure.health import Health, HealthSnapshot
from boomtalk.engine.measure.histogram import Histogram
from boomtalk.engine.measure.snapshot import Snapshot
from boomtalk.engine.measure.stats import Stats
from msgspec.structs import replace

from tests.support.load_runs import GET
from tests.support.timed_server import TimedServer


def histogram(*seconds: float) -> Histogram:
    found = Histogram()
    found.add(list(seconds))
    return found


@pytest.mark.parametrize(
    ("late", "latency", "dropped", "verdict"),
    [
        (0.0, [], 0, "good"),
        (0.005, [0.001], 0, "good"),
        (0.02, [0.2], 0, "good"),
        (0.02, [0.01], 0, "degraded"),
        (0.02, [], 0, "degraded"),
        (0.4, [0.01], 0, "degraded"),
        (0.6, [10.0], 0, "bad"),
        (0.0, [0.2], 1, "bad"),
    ],
)
def test_a_second_is_judged_by_lag_and_starts_that_came_too_late(
    late: float, latency: list[float], dropped: int, verdict: str
) -> None:
    health = Health()
    health.end_second(late, histogram(*latency), dropped)
    found = health.snapshot()
    assert found.seconds == 1
    assert (found.bad_seconds, found.degraded_seconds) == {
        "good": (0, 0),
        "degraded": (0, 1),
        "bad": (1, 0),
    }[verdict]


QUIET = HealthSnapshot(
    cpu_mean=20.0,
    cpu_peak=30.0,
    cpu_now=20.0,
    lag=histogram(0.001),
    rss=1,
    rss_peak=1,
    gc_pause=0.0,
    bad_seconds=0,
    degraded_seconds=0,
    seconds=60,
)


@pytest.mark.parametrize(
    ("seconds", "bad", "degraded", "trusted"),
    [
        (60, 0, 0, True),
        (60, 1, 0, True),
        (60, 2, 0, False),
        (200, 2, 0, True),
        (200, 3, 0, False),
        (60, 0, 60, True),
        (3, 1, 1, True),
    ],
)
def test_a_run_is_trusted_as_long_as_few_of_its_seconds_were_lost(
    seconds: int, bad: int, degraded: int, trusted: bool
) -> None:
    found = replace(QUIET, seconds=seconds, bad_seconds=bad, degraded_seconds=degraded)
    assert found.is_trusted is trusted


@pytest.mark.parametrize(
    ("added", "p99", "trusted", "doubt"),
    [
        ((), None, True, None),
        ((), 0.01, True, None),
        ((0.0004,), 0.01, True, None),
        ((0.0017,), 0.008, True, "times may be up to 1.7 ms too high: "),
        ((0.0041,), 0.008, False, "4.1 of 8.0 ms at p99 may be the generator's own delay: "),
        ((0.1,), 0.3, True, "times may be up to 100 ms too high: "),
        ((0.2,), 0.1, False, "100 of 100 ms at p99 may be the generator's own delay: "),
        ((0.0001,) * 99 + (0.05,), 0.0004, True, "times may be up to 0.10 ms too high: "),
    ],
)
def test_a_run_is_trusted_unless_its_p99_may_be_mostly_the_generators_own(
    added: tuple[float, ...], p99: float | None, trusted: bool, doubt: str | None
) -> None:
    found = replace(QUIET, added=histogram(*added), latency_p99=p99)
    assert found.is_trusted is trusted
    told = doubt_of(found)
    assert told is None if doubt is None else told is not None and told.startswith(doubt)


@pytest.mark.parametrize(
    ("health", "cause"),
    [
        ({"cpu_wait_mean": 10.4}, "other programs took the core for 10 % of the time"),
        ({"cpu_mean": 97.2}, "it used 97 % of its core"),
        ({"lag": (0.06,)}, "its event loop was held up, for 60 ms at most"),
        ({}, "it takes that long to send a request and to notice its response"),
    ],
)
def test_the_cause_of_an_error_is_told(health: dict[str, Any], cause: str) -> None:
    if "lag" in health:
        health = {"lag": histogram(*health["lag"])}
    found = replace(QUIET, added=histogram(0.0026), latency_p99=0.01, **health)
    assert doubt_of(found) == f"times may be up to 2.6 ms too high: {cause}"


def test_lost_seconds_are_told_with_their_number() -> None:
    told = doubt_of(replace(QUIET, bad_seconds=3))
    assert told is not None
    assert told.startswith("the generator lost 3 of 60 s")


def test_a_warm_up_does_not_count_for_the_times_measured_after_it() -> None:
    health = Health()
    health.end_second(0.0, histogram(*[5.0] * 100), 0)
    health.end_warmup()
    health.end_second(0.0, histogram(*[0.1] * 100), 0)
    assert health.snapshot().latency_p99 == pytest.approx(0.1, rel=0.004)


def test_file_descriptors_that_are_used_up_cost_no_second_of_health() -> None:
    health = Health()
    before = health.snapshot()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        health.end_second(0.0, histogram(0.1), 0)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (health.snapshot().seconds, health.snapshot().rss) == (1, before.rss)


def test_a_wait_for_a_core_that_could_not_be_read_is_counted_once() -> None:
    clock = iter([0.0, 1.0, 2.0, 3.0])
    times = iter([CpuTimes(1.0, 5.0), CpuTimes(1.2, 0.0), CpuTimes(1.4, 5.3), CpuTimes(1.6, 5.5)])
    meter = CpuMeter(clock.__next__, times.__next__)
    waits = []
    for _ in range(3):
        meter.measure()
        waits.append(meter.waited_now)
    assert waits == pytest.approx([0.0, 30.0, 20.0])


async def run_with_stalls(url: str, case: Path, stall: float) -> Outcome:
    """Run 3 s with the loop blocked for `stall` seconds, three times a second."""

    async def block() -> None:
        while True:
            await asyncio.sleep(0.3)
            time.sleep(stall)

    run = Run(load_cases([case]).cases, Load(Ramp(2), duration=3), RunSettings(base_url=url))
    await run.prepare()
    blocking = asyncio.create_task(block())
    try:
        return await run.execute()
    finally:
        blocking.cancel()


def test_a_loop_that_is_held_up_flips_the_verdict(timed: TimedServer, tmp_path: Path) -> None:
    case = tmp_path / "case.yml"
    case.write_text(GET.format(url="/ms/20"))
    outcome = uvloop.run(run_with_stalls(timed.url, case, 0.15))
    # One response of about 16 is late by up to the length of a stall.
    assert outcome.health.latency_error is not None
    assert outcome.health.latency_error > 0.05
    assert not outcome.health.is_trusted
    limit = limit_of(outcome.snapshot, outcome.health, (), Load(Ramp(2), duration=3))
    # On a busy machine it may also lack a core.
    assert limit.name in ("event_loop", "generator_cpu")


@dataclass
class Plugin:
    """The numbers of a plugin that a verdict uses."""

    path: str = "debugtalk.py"
    cpu_seconds: float | None = 0.0
    wait: Histogram = field(default_factory=Histogram)
    run: Histogram = field(default_factory=Histogram)


def snapshot(
    *,
    latency: float = 0.0,
    connect: float = 0.0,
    whole: float = 1.0,
    issued: int = 100,
    kind: str = "",
    no_user: int = 0,
) -> Snapshot:
    """Return ten seconds of one user's iterations, `whole` seconds long, with these parts."""
    clock = SimpleNamespace(now=0.0)
    stats = Stats(lambda: clock.now)
    step = stats.step("c", "s", "api")
    step.counts.issued = step.counts.ok = issued
    if latency:
        step.counts.latencies += [latency] * 10
    if connect:
        step.counts.connects += [connect] * 10
    if kind:
        stats.errors.add(StepFailed(kind, "x"), "c", "s")
    action = stats.transaction("c", "Action")
    for _ in range(10):
        action.add(0.0, whole, True)
    stats.iterations.started, stats.iterations.no_user = 10, no_user
    clock.now = 10.0
    return stats.snapshot()


CLOSED, OPEN = Load(Ramp(1)), Load(ArrivalRate(10, 5))
BUSY = replace(QUIET, cpu_mean=97.0)
CROWDED = replace(QUIET, cpu_wait_mean=70.0)
KEPT_WAITING = replace(QUIET, cpu_mean=5.0, cpu_wait_mean=25.0)
LAGGING = replace(QUIET, lag=histogram(0.2))
CASES = {
    "the target answers slowly": ("server", snapshot(latency=0.9), QUIET, (), CLOSED),
    "users think": ("schedule", snapshot(latency=0.1), QUIET, (), CLOSED),
    "nothing stands out": ("none", snapshot(latency=0.4, connect=0.3), QUIET, (), CLOSED),
    "no iteration has ended": ("none", Stats().snapshot(), QUIET, (), CLOSED),
    "one core is used up": ("generator_cpu", snapshot(latency=0.9), BUSY, (), CLOSED),
    "others share the core": ("generator_cpu", snapshot(latency=0.9), CROWDED, (), CLOSED),
    "others have the core": ("generator_cpu", snapshot(latency=0.9), KEPT_WAITING, (), CLOSED),
    "others share the core and nobody waits for it": (
        *("server", snapshot(latency=0.9)),
        *(replace(CROWDED, added=histogram(0.002), latency_p99=0.9), (), CLOSED),
    ),
    "others share the core and it shows": (
        *("generator_cpu", snapshot(latency=0.9)),
        *(replace(CROWDED, added=histogram(0.2)), (), CLOSED),
    ),
    "the loop is held up": ("event_loop", snapshot(latency=0.9), LAGGING, (), CLOSED),
    "both": ("generator_cpu", snapshot(), replace(BUSY, lag=LAGGING.lag), (), CLOSED),
    "connecting takes long": ("connections", snapshot(connect=0.8), QUIET, (), CLOSED),
    "no port is left": ("ports", snapshot(kind="port_limit"), BUSY, (), CLOSED),
    "no file is left": ("connections", snapshot(kind="fd_limit"), BUSY, (), CLOSED),
    "calls take long": (
        *("plugin", snapshot(latency=0.1), QUIET),
        *([Plugin(run=histogram(*[0.6] * 10))], CLOSED),
    ),
    "calls wait long": (
        *("plugin", snapshot(latency=0.1), QUIET),
        *([Plugin(wait=histogram(*[0.6] * 10))], CLOSED),
    ),
    "the plugin's core is used up": (
        *("plugin", snapshot(latency=0.9), QUIET),
        *([Plugin(cpu_seconds=9.5)], CLOSED),
    ),
    "requests are limited": (
        *("rate_cap", snapshot(latency=0.1), QUIET, ()),
        Load(Ramp(1), max_requests=10),
    ),
    "a limit far away": (
        *("schedule", snapshot(latency=0.1), QUIET, ()),
        Load(Ramp(1), max_requests=1000),
    ),
    "iterations are limited": (
        *("rate_cap", snapshot(latency=0.1), QUIET, ()),
        Load(Ramp(1), max_iterations=1),
    ),
    "every start had its user": ("schedule", snapshot(latency=0.9), QUIET, (), OPEN),
    "starts found no user": ("server", snapshot(latency=0.9, no_user=3), QUIET, (), OPEN),
}


@pytest.mark.parametrize("name", CASES)
def test_what_held_a_run_down_is_named_with_its_evidence(name: str) -> None:
    wanted, numbers, health, plugins, load = CASES[name]
    limit = limit_of(numbers, health, plugins, load)
    assert limit.name == wanted
    assert limit.evidence


def test_the_users_time_is_split_without_a_rest_unaccounted_for() -> None:
    plugins = [Plugin(run=histogram(*[0.2] * 10))]
    split = time_split(snapshot(latency=0.4, connect=0.1), plugins)
    parts = (split.server, split.network, split.plugin, split.rest)
    assert parts == pytest.approx((0.4, 0.1, 0.2, 0.3), abs=0.01)
    assert sum(parts) == pytest.approx(1)
