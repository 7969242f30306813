"""Test slow, stuck and greedy functions: which calls wait, and when a process is replaced."""

import asyncio
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from .bench import Log, failure, opened, until

SOURCE = """
import ctypes, os, signal, threading, time
count = 0
inside = 0
most = 0
hoard = []
def echo(x): return x
def pid(): return os.getpid()
def nap(seconds): time.sleep(seconds); return seconds
def spin():
    while True: pass
def hold_the_gil(): return ctypes.PyDLL(None).usleep(1_500_000)
def sum_to(n): return sum(range(n))
def bump():
    global count
    seen = count
    time.sleep(0)
    count = seen + 1
def counted(): return count
def meet():
    global inside, most
    inside += 1
    most = max(most, inside)
    time.sleep(0.01)
    inside -= 1
    return most
def leak(): hoard.append(bytearray(1_000_000)); return len(hoard)
def ignore_term(): signal.signal(signal.SIGTERM, signal.SIG_IGN)
"""


def test_a_function_that_sleeps_holds_up_nobody_else(run, write):
    async def scene():
        async with opened(write(SOURCE)) as (_, plugin):
            nap = plugin.call("nap", [30])
            assert await asyncio.gather(*(plugin.call("echo", [n]) for n in range(500)))
            spin = plugin.call("spin")
            assert await asyncio.gather(*(plugin.call("echo", [n]) for n in range(500)))
            assert not nap.done()
            assert not spin.done()
            nap.cancel()
            spin.cancel()

    run(scene())


def test_answers_before_a_slow_call_of_the_same_batch_do_not_wait_for_it(run, write):
    async def scene():
        async with opened(write(SOURCE)) as (_, plugin):
            calls = [plugin.call("echo", [n]) for n in range(10)]
            nap = plugin.call("nap", [30])
            calls += [plugin.call("echo", [n]) for n in range(10)]
            await asyncio.gather(*calls)
            nap.cancel()

    run(scene())


def test_an_answer_does_not_wait_when_every_thread_got_stuck_right_after_it(run, write):
    async def scene():
        async with opened(write(SOURCE), threads=2) as (_, plugin):
            first = plugin.call("echo", [1])
            naps = [plugin.call("nap", [30]) for _ in range(2)]
            assert await first == 1
            for nap in naps:
                nap.cancel()

    run(scene())


def test_as_many_slow_functions_run_at_once_as_there_are_threads(write):
    async def scene(threads):
        async with opened(write(SOURCE), threads=threads) as (_, plugin):
            seen = await asyncio.gather(*(plugin.call("meet") for _ in range(40)))
            return max(seen)

    assert asyncio.run(scene(1)) == 1
    assert 2 <= asyncio.run(scene(4)) <= 4


def test_with_one_thread_a_counter_is_exact(run, write):
    async def scene():
        async with opened(write(SOURCE), threads=1) as (_, plugin):
            await asyncio.gather(*(plugin.call("bump") for _ in range(10_000)))
            assert await plugin.call("counted") == 10_000

    run(scene())


def test_with_one_thread_async_functions_take_turns_too(run, write):
    source = """
import asyncio
inside = most = 0
async def meet():
    global inside, most
    inside += 1
    most = max(most, inside)
    await asyncio.sleep(0.001)
    inside -= 1
    return most
"""

    async def scene():
        async with opened(write(source), threads=1) as (_, plugin):
            assert set(await asyncio.gather(*(plugin.call("meet") for _ in range(20)))) == {1}

    run(scene())


@pytest.mark.parametrize("name", ["spin", "nap"])
def test_a_call_without_end_times_out_and_the_others_go_on(run, write, name):
    async def scene():
        async with opened(write(SOURCE), call_timeout=1) as (pool, plugin):
            started_at = time.perf_counter()
            error = await failure(plugin.call(name, [60] if name == "nap" else []))
            assert time.perf_counter() - started_at >= 1
            assert (error.kind, error.detail) == ("plugin_timeout", "call")
            assert await plugin.call("echo", [1]) == 1
            seen = pool.snapshots()[0]
            assert (seen.timeouts, seen.ok, seen.restarts) == (1, 1, 0)

    run(scene())


def test_a_late_answer_is_counted_and_reaches_nobody(run, write):
    async def scene():
        async with opened(write(SOURCE), call_timeout=1) as (pool, plugin):
            assert (await failure(plugin.call("nap", [1.5]))).kind == "plugin_timeout"
            await until(lambda: pool.snapshots()[0].late_answers == 1)
            assert await plugin.call("echo", ["mine"]) == "mine"
            assert pool.snapshots()[0].restarts == 0

    run(scene())


def test_a_process_whose_threads_are_all_stuck_is_replaced(run, write):
    log = Log()

    async def scene():
        async with opened(write(SOURCE), log, threads=2, call_timeout=1) as (pool, plugin):
            old = await plugin.call("pid")
            stuck = [plugin.call("nap", [60]) for _ in range(2)]
            waiting = plugin.call("echo", [1])
            for call in [*stuck, waiting]:
                assert (await failure(call)).kind == "plugin_timeout"
            await log.wait_for("no progress")
            await until(lambda: plugin.state == "ready")
            assert await plugin.call("pid") != old
            seen = pool.snapshots()[0]
            assert (seen.timeouts, seen.crashed, seen.restarts) == (3, 0, 1)

    run(scene())


def test_replacing_a_stuck_process_is_no_crash_however_often(write):
    async def scene():
        async with opened(write(SOURCE), threads=1, call_timeout=0.5) as (pool, plugin):
            for restarts in range(1, 6):
                assert (await failure(plugin.call("nap", [60]))).kind == "plugin_timeout"
                await until(lambda wanted=restarts: pool.snapshots()[0].restarts == wanted)
                await until(lambda: plugin.state == "ready")
            assert await plugin.call("echo", [1]) == 1

    asyncio.run(scene())


def test_slow_is_not_dead_while_a_call_has_time(run, write):
    async def scene():
        async with opened(write(SOURCE), call_timeout=10) as (pool, plugin):
            slow = plugin.call("hold_the_gil")
            others = [plugin.call("echo", [n]) for n in range(100)]
            assert await asyncio.gather(*others) == list(range(100))
            assert await slow == 0
            assert pool.snapshots()[0].restarts == 0

    run(scene())


def test_a_suspended_process_is_not_replaced_and_goes_on_later(run, write):
    async def scene():
        async with opened(write(SOURCE), call_timeout=1) as (pool, plugin):
            pid = await plugin.call("pid")
            os.kill(pid, signal.SIGSTOP)
            await until(lambda: _is_suspended(pid))
            assert (await failure(plugin.call("echo", [1]))).kind == "plugin_timeout"
            assert (await failure(plugin.call("echo", [2]))).kind == "plugin_timeout"
            assert (await failure(plugin.call("echo", [3]))).kind == "plugin_timeout"
            os.kill(pid, signal.SIGCONT)
            await until(lambda: pool.snapshots()[0].late_answers == 3)
            assert await plugin.call("pid") == pid

    run(scene())


def _is_suspended(pid):
    stats = [stat.read_text() for stat in Path(f"/proc/{pid}/task").glob("*/stat")]
    return all(stat.rpartition(")")[2].split()[0] == "T" for stat in stats)


def test_a_cancelled_caller_counts_once_wherever_its_call_was(run, write):
    async def scene():
        async with opened(write(SOURCE), window=2) as (pool, plugin):
            flying = [plugin.call("nap", [0.3]) for _ in range(2)]
            queued = [plugin.call("echo", [n]) for n in range(10)]
            await until(lambda: pool.snapshots()[0].in_flight == 2)
            for call in [flying[0], *queued[::2]]:
                call.cancel()
            assert pool.snapshots()[0].cancelled == 6
            assert await asyncio.gather(flying[1], *queued[1::2]) == [0.3, 1, 3, 5, 7, 9]
            await until(lambda: pool.snapshots()[0].late_answers == 1)
            seen = pool.snapshots()[0]
            assert (seen.ok, seen.cancelled, seen.calls) == (6, 6, 12)

    run(scene())


def test_cancelled_tasks_balance_at_random_moments(run, write):
    async def user(plugin, number):
        for _ in range(20):
            await plugin.call("nap", [0.001 * (number % 4)])

    async def scene():
        async with opened(write(SOURCE), window=20) as (pool, plugin):
            users = [asyncio.create_task(user(plugin, number)) for number in range(60)]
            for number, task in enumerate(users):
                await asyncio.sleep(0.0005 * (number % 3))
                if number % 2:
                    task.cancel()
            await asyncio.gather(*users, return_exceptions=True)
            await until(lambda: pool.snapshots()[0].in_flight == 0)
            assert pool.snapshots()[0].cancelled > 0
            assert await plugin.call("echo", [1]) == 1

    run(scene())


def test_ten_thousand_users_are_served_in_the_order_they_came(run, write):
    async def scene():
        async with opened(write(SOURCE), window=64) as (pool, plugin):
            order = []

            async def user(number):
                await plugin.call("echo", [number])
                order.append(number)

            await asyncio.gather(*(user(number) for number in range(10_000)))
            assert order == list(range(10_000))
            seen = pool.snapshots()[0]
            assert (seen.ok, seen.wait.count, seen.run.count) == (10_000, 10_000, 10_000)

    run(scene())


def test_users_in_a_queue_get_their_turns_alike(run, write):
    async def scene():
        async with opened(write(SOURCE), window=16) as (pool, plugin):
            turns = [0] * 300

            async def user(number):
                while sum(turns) < 6000:
                    await plugin.call("echo", [number])
                    turns[number] += 1

            await asyncio.gather(*(user(number) for number in range(300)))
            assert max(turns) - min(turns) <= 1
            assert sum(turns) == pool.snapshots()[0].ok

    run(scene())


def test_full_buffers_on_both_sides_do_not_lock_up(run, write):
    async def scene():
        # At once thirteen megabytes each way, through buffers of a fifth of one.
        async with opened(write(SOURCE), window=200) as (_, plugin):
            text = "x" * 65_536
            for _ in range(5):
                calls = [plugin.call("echo", [text]) for _ in range(200)]
                assert set(map(len, await asyncio.gather(*calls))) == {65_536}

    run(scene())


def test_wait_and_run_time_are_told_apart(run, write):
    async def scene():
        async with opened(write(SOURCE), threads=1) as (pool, plugin):
            await asyncio.gather(*(plugin.call("nap", [0.05]) for _ in range(4)))
            seen = pool.snapshots()[0]
            assert seen.run.low >= 0.05
            assert seen.wait.high >= 0.15
            assert [(f.name, f.run.count) for f in seen.functions] == [("nap", 4)]

    run(scene())


def test_a_process_over_its_memory_cap_is_replaced_between_calls(run, write):
    log = Log()

    async def scene():
        path = write(SOURCE)
        async with opened(path) as (pool, plugin):
            pool.snapshots()
            base = psutil.Process(await plugin.call("pid")).memory_info().rss
        async with opened(path, log, memory_cap=base + 50_000_000) as (pool, plugin):
            old = await plugin.call("pid")
            while pool.snapshots()[0].restarts == 0:
                await asyncio.gather(plugin.call("leak"), plugin.call("nap", [0.01]))
            assert await plugin.call("pid") != old
            seen = pool.snapshots()[0]
            assert seen.rss_peak > base + 50_000_000
            assert (seen.restarts, seen.calls) == (1, seen.ok)
            assert seen.cpu_seconds > 0

    run(scene())
    assert any("over its memory cap" in text for text in log.texts)
    assert not any("died" in text for text in log.texts)


HANGING = {
    "atexit": "import atexit, time\natexit.register(time.sleep, 60)\n",
    "thread": "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\n",
}
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"


@pytest.mark.parametrize("kind", HANGING)
def test_a_process_that_hangs_at_its_end_is_terminated(kind, write):
    async def scene():
        async with opened(write(HANGING[kind] + SOURCE)) as (_, plugin):
            assert await plugin.call("echo", [1]) == 1

    started_at = time.perf_counter()
    asyncio.run(scene())
    assert time.perf_counter() - started_at >= 2


def test_a_process_that_ignores_being_terminated_is_killed(write):
    async def scene():
        async with opened(write(STUBBORN + HANGING["atexit"] + SOURCE)) as (_, plugin):
            assert await plugin.call("echo", [1]) == 1

    started_at = time.perf_counter()
    asyncio.run(scene())
    assert time.perf_counter() - started_at >= 5


def test_a_process_ends_by_itself_when_it_is_asked(run, write, tmp_path):
    mark = tmp_path / "ended"
    source = f"import atexit\natexit.register(lambda: open({str(mark)!r}, 'w').write('bye'))\n"

    async def scene():
        async with opened(write(source + SOURCE)) as (_, plugin):
            assert await plugin.call("echo", [1]) == 1

    run(scene())
    assert mark.read_text() == "bye"
