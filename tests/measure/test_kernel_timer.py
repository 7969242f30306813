"""Test the timer that wakes the loop as a response does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter

import pytest
import uvloop
from boomtalk.engine.measure.kernel_timer import KernelTimer, LoopTimer, Timer, timer

TIMERS = (timer, KernelTimer, LoopTimer)
LOOPS = (asyncio.new_event_loop, uvloop.new_event_loop)
Make = Callable[[Callable[[], None]], Timer]


async def rung_at(make: Make, *moments: float) -> tuple[float, float]:
    """Set the timer to each of these moments from now; return the last one, and when it rang."""
    rang: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    one = make(lambda: rang.set_result(perf_counter()))
    try:
        now = perf_counter()
        for moment in moments:
            one.set(now + moment)
        return now + moments[-1], await asyncio.wait_for(rang, 10)
    finally:
        one.close()


@pytest.mark.parametrize("make_loop", LOOPS)
@pytest.mark.parametrize("make", TIMERS)
@pytest.mark.parametrize("moments", [(0.01,), (-1.0,), (60.0, 0.005), (0.005, 0.02)])
def test_it_rings_once_at_the_moment_that_was_set_last(
    make: Make,
    make_loop: Callable[[], asyncio.AbstractEventLoop],
    moments: tuple[float, ...],
) -> None:
    with asyncio.Runner(loop_factory=make_loop) as runner:
        due, rang = runner.run(rung_at(make, *moments))
    # uvloop's own timers may be a millisecond early.
    assert rang >= due - (0.0011 if make is LoopTimer else 0)


def test_a_closed_timer_does_not_ring() -> None:
    async def story() -> None:
        one = KernelTimer(lambda: pytest.fail("it rang"))
        one.set(perf_counter() + 0.001)
        one.close()
        await asyncio.sleep(0.01)

    uvloop.run(story())
