"""Test that the verdict on the generator changes exactly at its documented limits."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
from boomtalk.engine.measure.cpu import CpuTimes
from boomtalk.engine.measure.health import Health, HealthSnapshot

from .virtual_time import VirtualLoop, run_virtually

SECONDS = 20
# This interval does not match that of the probes, which come every 10 ms.
_PERIOD = 0.0973


@dataclass
class Disturbance:
    """A disturbance: the loop is blocked ten times a second for `block` seconds."""

    block: float = 0.0
    used: float = 0.0
    waited: float = 0.0
    latency: float | None = None


def judged(disturbance: Disturbance) -> HealthSnapshot:
    """Return the verdict on some seconds that have only this disturbance in them."""
    loop = VirtualLoop()

    def times() -> CpuTimes:
        return CpuTimes(disturbance.used * loop.time(), disturbance.waited * loop.time())

    health = Health(loop.time, times)

    async def disturb() -> None:
        while True:
            await asyncio.sleep(_PERIOD)
            loop.spend(disturbance.block)

    async def story() -> None:
        health.start()
        disturbing = asyncio.create_task(disturb())
        for second in range(1, SECONDS + 1):
            await asyncio.sleep(second - loop.time())
            health.end_second(loop.time() - second, disturbance.latency, 0)
        disturbing.cancel()
        health.stop()

    run_virtually(story(), loop)
    return health.snapshot()


@pytest.mark.parametrize(
    ("disturbance", "verdict"),
    [
        (Disturbance(), "good"),
        (Disturbance(block=0.001), "good"),
        (Disturbance(block=0.005), "good"),
        (Disturbance(block=0.02), "degraded"),
        (Disturbance(block=0.02, latency=0.05), "degraded"),
        (Disturbance(block=0.02, latency=0.25), "good"),
        (Disturbance(block=0.1, latency=0.25), "bad"),
        (Disturbance(used=0.79), "good"),
        (Disturbance(used=0.81), "degraded"),
        (Disturbance(used=0.96), "bad"),
        (Disturbance(waited=0.19), "good"),
        (Disturbance(waited=0.21), "degraded"),
        (Disturbance(waited=0.51), "bad"),
        (Disturbance(used=0.7, waited=0.15), "degraded"),
        (Disturbance(used=0.8, waited=0.19), "bad"),
    ],
    ids=str,
)
def test_the_verdict_flips_with_how_long_the_loop_is_kept_from_its_work(
    disturbance: Disturbance, verdict: str
) -> None:
    found = judged(disturbance)
    assert found.seconds == SECONDS
    assert (found.bad_seconds, found.degraded_seconds) == {
        "good": (0, 0),
        "degraded": (0, SECONDS),
        "bad": (SECONDS, 0),
    }[verdict]
    assert found.is_trusted is (verdict == "good")
    assert found.cpu_mean == pytest.approx(100 * disturbance.used)
    assert found.cpu_wait_mean == pytest.approx(100 * disturbance.waited)
