"""Test that a fault of boomtalk in the middle of an open load ends it and is seen."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from time import perf_counter

import pytest
from boomtalk.engine.load.driver import Crew
from boomtalk.engine.load.open_load import OpenDriver
from boomtalk.engine.load.shape import ArrivalRate, Load
from boomtalk.engine.load.tickets import Tickets
from boomtalk.engine.load.user import Habits
from boomtalk.engine.measure.stats import Stats
from boomtalk.engine.scenario.session import Session
from boomtalk.engine.stop import Stop


class Later(ArrivalRate, frozen=True):
    """A rate whose first start is due when the load has begun."""

    def due_times(self, duration: float | None = None) -> Iterator[float]:
        return iter([0.05])


def broken() -> Session:
    raise RuntimeError("a fault")


def test_a_fault_at_a_later_start_is_raised() -> None:
    async def main() -> None:
        shape, stop = Later(rate=1.0, max_users=1), Stop()
        tickets = Tickets([], Load(shape), stop, random.Random(1))
        driver = OpenDriver(shape, None, Crew(broken, Habits(Stats()), tickets, stop))
        async with asyncio.timeout(30):
            await driver.drive(perf_counter())

    with pytest.raises(RuntimeError, match="a fault"):
        asyncio.run(main())
