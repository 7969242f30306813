"""Test deadlines: the moment at which they ring, and what they leave behind."""

from __future__ import annotations

import asyncio
import tracemalloc
from time import perf_counter
from typing import Any

import uvloop
from boomtalk.engine.http.deadline import Deadline, Deadlines


def test_each_rings_after_its_moment_and_never_early() -> None:
    async def main() -> None:
        deadlines = Deadlines(asyncio.get_running_loop())
        early: list[str] = []
        rung: list[str] = []
        over = asyncio.Event()
        due: dict[str, float] = {}

        def make(name: str, seconds: float) -> Deadline:
            def ring() -> None:
                rung.append(name)
                early.extend([name] if perf_counter() < due[name] else [])
                if len(rung) == 4:
                    over.set()

            deadline = Deadline(deadlines, ring)
            deadline.set(seconds)
            due[name] = deadline.at
            return deadline

        make("late", 0.09)
        make("first", 0.02)
        earlier, later = make("earlier", 60), make("later", 0.01)
        cleared, closed = make("cleared", 0.03), make("closed", 0.03)
        earlier.set(0.04)
        later.set(0.06)
        due |= {"earlier": earlier.at, "later": later.at}
        cleared.clear()
        closed.close()
        await over.wait()
        assert rung == ["first", "earlier", "later", "late"]
        assert early == []

    asyncio.run(main())


def test_a_callback_that_raises_keeps_no_other_one_from_ringing() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        told: list[dict[str, Any]] = []
        loop.set_exception_handler(lambda _, context: told.append(context))
        deadlines, over = Deadlines(loop), asyncio.Event()

        def fail() -> None:
            raise RuntimeError("on purpose")

        one, other = Deadline(deadlines, fail), Deadline(deadlines, over.set)
        one.set(0.01)
        other.move(one.at)
        await over.wait()
        assert [str(context["exception"]) for context in told] == ["on purpose"]

    asyncio.run(main())


def test_moving_to_an_earlier_moment_again_and_again_leaves_nothing_behind() -> None:
    async def main() -> int:
        deadlines = Deadlines(asyncio.get_running_loop())
        deadline = Deadline(deadlines, lambda: None)
        tracemalloc.start()
        for number in range(20_000):
            deadline.move(perf_counter() + 40_000 - number)
            if number % 100 == 0:
                await asyncio.sleep(0)
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        deadline.close()
        return size

    assert uvloop.run(main()) < 100_000
