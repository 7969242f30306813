"""Measure how fast the generator can be on this machine, and how accurate its times are."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from time import perf_counter, process_time

from msgspec import Struct

from ..case.model import Case
from ..case.quick import case_of_url
from ..load.load_run import Outcome
from ..load.run import Run
from ..load.shape import ArrivalRate, Load, Ramp
from ..measure.histogram import Histogram
from .finding import Finding, judged

_USERS = 64
_TIMERS = 50
_TIMER_SECONDS = 0.01
# The share of the ceiling at which latency is measured: moderate load, as in a real run.
_EASY = 0.25


class Ceiling(Struct, frozen=True):
    """The results of runs against a server that answers at once. Times are in seconds.

    `requests_per_core` is the throughput per core of the generator. `latency` and `lag` were
    measured at the moderate rate `easy_per_second`: they are the generator's own part of every
    latency.
    """

    requests_per_second: float
    requests_per_core: float
    easy_per_second: float
    latency: Histogram
    lag: Histogram
    timers: Histogram


async def measure_ceiling(url: str, seconds: float = 1.2) -> Ceiling:
    """Send requests at full speed, then at a quarter of that rate, for `seconds` each."""
    timers = await _late_timers()
    cases = [case_of_url(url)]
    cpu = process_time()
    full = await _executed(cases, Load(Ramp(_USERS), duration=seconds))
    cpu = process_time() - cpu
    rate = full.snapshot.total.ok / seconds
    easy = Load(ArrivalRate(max(1.0, rate * _EASY), max_users=10 * _USERS), duration=seconds)
    outcome = await _executed(cases, easy)
    return Ceiling(
        requests_per_second=rate,
        requests_per_core=full.snapshot.total.ok / cpu,
        easy_per_second=rate * _EASY,
        latency=outcome.snapshot.total.latency,
        lag=outcome.health.lag,
        timers=timers,
    )


async def _executed(cases: Sequence[Case], load: Load) -> Outcome:
    run = Run(cases, load)
    await run.prepare()
    return await run.execute()


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
    """Judge the ceiling: 10 ms more spoil the times of a fast target, 50 ms those of most."""
    yield Finding(
        "ceiling",
        "ok" if ceiling.requests_per_second else "bad",
        f"{ceiling.requests_per_second:.0f} requests/s, "
        f"{ceiling.requests_per_core:.0f} per core of the generator",
        "" if ceiling.requests_per_second else "no request to 127.0.0.1 was answered",
    )
    advice = "other programs keep the core busy; a run's times would be wrong by this much"
    yield _times("loop lag", ceiling.lag, f"at {ceiling.easy_per_second:.0f} requests/s", advice)
    yield _times("timers", ceiling.timers, "late", advice)
    yield _times("added latency", ceiling.latency, "with a server that answers at once", advice)


def _times(topic: str, times: Histogram, where: str, advice: str) -> Finding:
    middle, tail = ((times.percentile(percent) or 0.0) * 1000 for percent in (50, 99))
    shown = f"{middle:.2f} ms (p50), {tail:.2f} ms (p99) {where}"
    return judged(topic, -tail, [(-10, "ok"), (-50, "warn")], lambda _: shown, advice)
