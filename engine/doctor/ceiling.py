"""How fast the generator itself can be here, and how far its times are off."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter, process_time

from ..case.quick import case_of_url
from ..load.run import run_load
from ..load.shape import ArrivalRate, Load, Ramp
from ..measure.histogram import Histogram
from .finding import Finding, judged

_USERS = 64
_TIMERS = 50
_TIMER_SECONDS = 0.01
# What is left over for a scenario's own work when times are to be right.
_EASY = 0.25


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What a run against a server that does nothing came to; times in seconds.

    `requests_per_core` is what one core of the generator can send; `latency` is that of easy
    going, at `easy_per_second`: what the generator adds to each latency. `lag` belongs to it.
    """

    requests_per_second: float
    requests_per_core: float
    easy_per_second: float
    latency: Histogram
    lag: Histogram
    timers: Histogram


async def measure_ceiling(url: str, seconds: float = 1.2) -> Ceiling:
    """Send as much as can be sent to the URL, then a quarter of it; takes twice `seconds`."""
    timers = await _late_timers()
    cases = [case_of_url(url)]
    cpu = process_time()
    full = await run_load(cases, Load(Ramp(_USERS), duration=seconds))
    cpu = process_time() - cpu
    rate = full.snapshot.total.ok / seconds
    easy = Load(ArrivalRate(max(1.0, rate * _EASY), max_users=10 * _USERS), duration=seconds)
    outcome = await run_load(cases, easy)
    return Ceiling(
        requests_per_second=rate,
        requests_per_core=full.snapshot.total.ok / cpu,
        easy_per_second=rate * _EASY,
        latency=outcome.snapshot.total.latency,
        lag=outcome.health.lag,
        timers=timers,
    )


async def _late_timers() -> Histogram:
    late = []
    for _ in range(_TIMERS):
        due = perf_counter() + _TIMER_SECONDS
        await asyncio.sleep(_TIMER_SECONDS)
        late.append(max(0.0, perf_counter() - due))
    histogram = Histogram()
    histogram.add(late)
    return histogram


def judge(ceiling: Ceiling) -> Iterator[Finding]:
    """Say what the ceiling means; the bounds are those that a run's own health has."""
    yield Finding(
        "ceiling",
        "ok" if ceiling.requests_per_second else "bad",
        f"{ceiling.requests_per_second:.0f} requests/s, "
        f"{ceiling.requests_per_core:.0f} per core of the generator",
        "" if ceiling.requests_per_second else "no request to 127.0.0.1 was answered",
    )
    advice = "something keeps the core busy; times of a run would be off by as much"
    yield _times("loop lag", ceiling.lag, f"at {ceiling.easy_per_second:.0f} requests/s", advice)
    yield _times("timers", ceiling.timers, "late", advice)
    yield _times("added latency", ceiling.latency, "beside a server that does nothing", advice)


def _times(topic: str, times: Histogram, where: str, advice: str) -> Finding:
    middle, tail = ((times.percentile(percent) or 0.0) * 1000 for percent in (50, 99))
    shown = f"{middle:.2f} ms (p50), {tail:.2f} ms (p99) {where}"
    return judged(topic, -tail, [(-10, "ok"), (-50, "warn")], lambda _: shown, advice)
