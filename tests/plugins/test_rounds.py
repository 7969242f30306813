"""Test many crashes at random moments: each call ends once and begins at most once."""

import asyncio
import os
import random
import signal
from collections import Counter

import pytest
from boomtalk.engine.errors import PluginCallError

from .bench import opened, until

ROUNDS = range(12)
MANY_ROUNDS = range(1000, 1200)
# Every call that begins writes its number to the file; a write of few bytes is atomic.
SOURCE = """
import ctypes, os, time
begun = os.open(os.environ["BEGUN"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
def work(number, seconds, fault, ballast):
    os.write(begun, b"%d\\n" % number)
    if fault:
        ctypes.string_at(0)
    if seconds:
        time.sleep(seconds)
    return number
"""
DEATHS = {signal.SIGKILL: "signal SIGKILL", signal.SIGABRT: "signal SIGABRT"}
FAULT = "signal SIGSEGV"


class Round:
    """Callers in closed loops; the end of each call is recorded under its number."""

    def __init__(self, chance):
        self.chance = chance
        self.is_over = False
        self.last = 0
        self.ended = {}

    async def caller(self, plugin):
        while not self.is_over:
            await self.call(plugin)

    async def call(self, plugin, fault=False):
        self.last += 1
        number = self.last
        seconds = self.chance.choice([0, 0, 0, 0.001, 0.01])
        ballast = "x" * self.chance.choice([0, 0, 100, 50_000])
        try:
            result = await plugin.call("work", [number, seconds, fault, ballast])
        except PluginCallError as error:
            result = error
            await asyncio.sleep(0)
        assert number not in self.ended
        self.ended[number] = result


async def die(plugin, pid, chance, round_):
    """End the process in one of several ways; return the reason that its calls must get."""
    how = chance.choice([*DEATHS, None])
    if how is None:
        await round_.call(plugin, fault=True)
        return FAULT
    os.kill(pid, how)
    return DEATHS[how]


async def play(path, begun, chance):
    round_ = Round(chance)
    users = chance.choice([1, 20, 200])
    options = {"window": chance.choice([1, 8, 1024]), "backoff": 0.01}
    async with opened(path, environment={"BEGUN": str(begun)}, **options) as (pool, plugin):
        callers = [asyncio.create_task(round_.caller(plugin)) for _ in range(users)]
        await asyncio.sleep(chance.uniform(0, 0.1))  # the random moment is what is tested
        first = pool.snapshots()[0].pid
        why = await die(plugin, first, chance, round_)
        await until(lambda: pool.snapshots()[0].pid not in (None, first))
        served = pool.snapshots()[0].ok
        await until(lambda: pool.snapshots()[0].ok > served)
        round_.is_over = True
        await asyncio.gather(*callers)
        return round_, why, pool.snapshots()[0]


@pytest.mark.parametrize(
    "seed",
    [*ROUNDS, *(pytest.param(seed, marks=pytest.mark.extra) for seed in MANY_ROUNDS)],
)
def test_a_death_at_a_random_moment_loses_and_repeats_no_call(seed, run, write, tmp_path):
    begun = tmp_path / "begun"
    round_, why, seen = run(play(write(SOURCE), begun, random.Random(seed)))
    failed = {n: end for n, end in round_.ended.items() if isinstance(end, PluginCallError)}
    told = {(error.kind, error.detail) for error in failed.values()}
    assert told <= {("plugin_crashed", why)}
    assert all(end == n for n, end in round_.ended.items() if n not in failed)
    times = Counter(map(int, begun.read_text().split()))
    assert set(times.values()) == {1}, "begun twice"
    assert round_.ended.keys() - failed.keys() <= times.keys() <= round_.ended.keys()
    assert len(round_.ended) == round_.last
    assert (seen.crashed, seen.ok) == (len(failed), round_.last - len(failed))
    assert (seen.starts, seen.restarts, seen.calls) == (2, 1, round_.last)
