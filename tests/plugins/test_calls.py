"""Test successful calls, and the functions that they reach."""

from __future__ import annotations

import asyncio
import os
import signal

from .bench import failure, opened

SOURCE = """
import os, time
calls = 0
def add(a, b=1): return a + b
def pid(): return os.getpid()
def nap(seconds): time.sleep(seconds); return seconds
"""


def test_a_call_returns_what_the_function_returns(run, write):
    async def scene():
        async with opened(write(SOURCE)) as (_, plugin):
            assert await plugin.call("add", (1, 2)) == 3
            assert await plugin.call("add", [1], {"b": 5}) == 6
            assert str(plugin.functions["add"]) == "(a, b=...)"

    run(scene())


def test_calls_of_many_callers_go_through_one_process(run, write):
    async def scene():
        async with opened(write(SOURCE)) as (pool, plugin):
            pids = await asyncio.gather(*(plugin.call("pid") for _ in range(1000)))
            assert set(pids) == {pool.snapshots()[0].pid}
            assert pool.snapshots()[0].ok == 1000

    run(scene())


def test_a_killed_process_fails_the_calls_in_flight_once_and_comes_back(run, write):
    async def scene():
        async with opened(write(SOURCE)) as (pool, plugin):
            old = await plugin.call("pid")
            naps = [plugin.call("nap", [30]) for _ in range(5)]
            assert await plugin.call("pid") == old
            os.kill(old, signal.SIGKILL)
            errors = [await failure(nap) for nap in naps]
            assert {(error.kind, error.detail) for error in errors} == {
                ("plugin_crashed", "signal SIGKILL")
            }
            assert await plugin.call("pid") != old
            seen = pool.snapshots()[0]
            assert (seen.crashed, seen.restarts, seen.starts) == (5, 1, 2)

    run(scene())
