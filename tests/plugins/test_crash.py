"""Test crashes: each call in flight fails once, others go on, no process is left behind."""

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from boomtalk.engine.errors import PluginCallError
from boomtalk.plugins import PluginPool
from boomtalk.plugins.crashes import Crashes

from .bench import Log, assert_balanced, failure, opened, until

SOURCE = """
import ctypes, os, signal, socket, subprocess, sys, time
def pid(): return os.getpid()
def echo(x): return x
def nap(seconds): time.sleep(seconds); return seconds
def leave(code): os._exit(code)
def fault(): ctypes.string_at(0)
def close_all(seconds): os.closerange(3, 256); time.sleep(seconds)
def read(): return sys.stdin.read()
def sockets():
    names = {fd: os.readlink("/proc/self/fd/" + fd) for fd in os.listdir("/proc/self/fd")
             if os.path.exists("/proc/self/fd/" + fd)}
    return [int(fd) for fd, name in names.items() if name.startswith("socket:")]
def fork():
    pid = os.fork()
    if pid == 0:
        time.sleep(60)
        os._exit(0)
    return pid
def hold_the_socket():
    for fd in sockets():
        os.set_inheritable(fd, True)
    return subprocess.Popen(["sleep", "60"], close_fds=False).pid
def deep():
    sys.setrecursionlimit(10 ** 9)
    def f(_): return list(map(f, [0]))
    f(0)
"""


@pytest.mark.parametrize(
    ("call", "details"),
    [
        (("leave", [3]), {"exit 3"}),
        (("fault",), {"signal SIGSEGV"}),
        (("close_all", [0]), {"exit 70", "closed its pipe"}),
        # Meanwhile the process looks whether its parent is gone.
        (("close_all", [0.6]), {"exit 70", "closed its pipe"}),
    ],
)
def test_a_process_that_ends_itself_is_a_crash_told_by_its_exit(run, write, call, details):
    async def scene():
        async with opened(write(SOURCE)) as (pool, plugin):
            error = await failure(plugin.call(*call))
            assert error.kind == "plugin_crashed"
            assert error.detail in details
            assert await plugin.call("echo", [1]) == 1
            seen = pool.snapshots()[0]
            assert (seen.crashed, seen.ok, seen.restarts) == (1, 1, 1)

    run(scene())


def test_kills_at_random_times_lose_no_call(run, write):
    chance = random.Random(7)

    async def caller(plugin, ends):
        while not ends["stop"]:
            number = chance.random()
            try:
                assert await plugin.call("echo", [number]) == number
                ends["ok"] += 1
            except PluginCallError as error:
                ends[error.kind] += 1
                await asyncio.sleep(0)

    async def scene():
        ends = {"ok": 0, "plugin_crashed": 0, "plugin_unavailable": 0, "stop": 0}
        async with opened(write(SOURCE), backoff=0.01) as (pool, plugin):
            callers = [asyncio.create_task(caller(plugin, ends)) for _ in range(200)]
            naps = []
            for _ in range(3):
                await until(lambda: plugin.state == "ready")
                naps.append(plugin.call("nap", [30]))
                await asyncio.sleep(chance.uniform(0.02, 0.1))
                os.kill(pool.snapshots()[0].pid, signal.SIGKILL)
                await until(lambda: plugin.state != "ready")
            await until(lambda: plugin.state == "ready")
            ends["stop"] = 1
            await asyncio.gather(*callers)
            assert {(await failure(nap)).kind for nap in naps} == {"plugin_crashed"}
            seen = pool.snapshots()[0]
            assert (seen.ok, seen.crashed) == (ends["ok"], ends["plugin_crashed"] + 3)
            assert (seen.restarts, seen.starts, ends["plugin_unavailable"]) == (3, 4, 0)

    run(scene())


def test_calls_that_wait_for_the_window_survive_a_crash(run, write):
    async def scene():
        async with opened(write(SOURCE), window=5) as (pool, plugin):
            naps = [plugin.call("nap", [30]) for _ in range(5)]
            waiting = [plugin.call("echo", [number]) for number in range(50)]
            await until(lambda: pool.snapshots()[0].in_flight == 5)
            os.kill(pool.snapshots()[0].pid, signal.SIGKILL)
            assert await asyncio.gather(*waiting) == list(range(50))
            assert {(await failure(nap)).kind for nap in naps} == {"plugin_crashed"}

    run(scene())


def test_calls_that_were_not_written_go_to_the_next_process(run, write):
    async def scene():
        async with opened(write(SOURCE)) as (pool, plugin):
            os.kill(pool.snapshots()[0].pid, signal.SIGSTOP)
            calls = [plugin.call("echo", ["x" * 100_000]) for _ in range(100)]
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            os.kill(pool.snapshots()[0].pid, signal.SIGKILL)
            ends = await asyncio.gather(*calls, return_exceptions=True)
            seen = pool.snapshots()[0]
            assert seen.ok == sum(isinstance(end, str) for end in ends) > 50
            assert seen.crashed == 100 - seen.ok > 0
            # Calls that were written come first: the order is the same before and after the crash.
            assert all(isinstance(end, str) for end in ends[seen.crashed :])

    run(scene())


def test_a_crash_of_one_plugin_fails_no_call_of_another(run, write):
    one, two = write("import os\nx = 1\n" + SOURCE, "one"), write("x = 2\n" + SOURCE, "two")

    async def scene():
        async with PluginPool() as pool:
            first, second = await pool.open(one), await pool.open(two)
            naps = [first.call("nap", [30]) for _ in range(3)]
            pid = await first.call("pid")
            calls = [second.call("nap", [0.02]) for _ in range(100)]
            os.kill(pid, signal.SIGKILL)
            assert await asyncio.gather(*calls) == [0.02] * 100
            for nap in naps:
                assert (await failure(nap)).kind == "plugin_crashed"
            assert pool.snapshots()[1].restarts == 0
            assert pid != await second.call("pid")

    run(scene())


def test_the_fourth_crash_gives_up_and_refuses_at_once(run, write):
    log = Log()

    async def scene():
        async with opened(write(SOURCE), log, backoff=0.02) as (pool, plugin):
            for _ in range(4):
                assert (await failure(plugin.call("leave", [9]))).kind == "plugin_crashed"
            assert plugin.state == "given up"
            for _ in range(5):
                error = await failure(plugin.call("echo", [1]))
                assert error.kind == "plugin_unavailable"
            seen = pool.snapshots()[0]
            assert (seen.restarts, seen.starts, seen.calls) == (3, 4, 4)
            assert (seen.crashed, seen.unavailable, seen.pid) == (4, 5, None)
        assert any("given up" in text for level, text in log.lines if level == "error")

    run(scene())


def test_pauses_double_within_a_fifth_and_old_crashes_are_forgotten():
    crashes = Crashes(0.1)
    for number, pause in enumerate([0.1, 0.2, 0.4]):
        assert 0.8 * pause <= crashes.add(100.0 + number) <= 1.2 * pause
    assert crashes.add(103.0) is None
    assert 0.32 <= crashes.add(161.5) <= 0.48  # the answers to 102 and 103 still count
    assert 0.08 <= crashes.add(300.0) <= 0.12


def test_calls_still_queued_when_it_is_given_up_are_refused(run, write):
    async def scene():
        async with opened(write(SOURCE), window=1, backoff=0.02) as (pool, plugin):
            crashes = [plugin.call("leave", [1]) for _ in range(4)]
            waiting = [plugin.call("echo", [1]) for _ in range(10)]
            kinds = [(await failure(call)).kind for call in [*crashes, *waiting]]
            assert kinds == ["plugin_crashed"] * 4 + ["plugin_unavailable"] * 10
            seen = pool.snapshots()[0]
            assert (seen.calls, seen.crashed, seen.unavailable) == (4, 4, 10)

    run(scene())


def test_a_restart_that_cannot_start_counts_as_a_crash(run, write):
    source = "import helper\n" + SOURCE
    path = write(source)
    (path.parent / "helper.py").write_text("")

    async def scene():
        async with opened(path, backoff=0.02) as (pool, plugin):
            (path.parent / "helper.py").write_text("raise ValueError('broken since')")
            await failure(plugin.call("leave", [1]))
            error = await failure(plugin.call("echo", [1]))
            assert error.kind == "plugin_unavailable"
            assert pool.snapshots()[0].restarts == 3

    run(scene())


SHORT_OF_FILES = """
import asyncio, os, resource, signal
from boomtalk.engine.errors import PluginCallError
from boomtalk.plugins import PluginOptions, PluginPool

async def main():
    logged = []
    async with PluginPool(PluginOptions(backoff=0.02), lambda *line: logged.append(line)) as pool:
        plugin = await pool.open({path!r})
        pid = await plugin.call("pid")
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        os.kill(pid, signal.SIGKILL)
        while plugin.state == "ready":
            await asyncio.sleep(0.01)
        try:
            await plugin.call("pid")
        except PluginCallError as error:
            print(error.kind, pool.snapshots()[0].restarts, logged)

asyncio.run(main())
"""


def test_a_restart_without_file_descriptors_counts_as_a_crash_and_names_the_limit(write):
    program = SHORT_OF_FILES.format(path=str(write(SOURCE)))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.startswith("plugin_unavailable 3 "), done
    assert "restart failed" in done.stdout
    assert "Too many open files" in done.stdout


def test_what_a_function_starts_does_not_inherit_the_socket(run, write):
    source = (
        SOURCE
        + """
def start(close_fds):
    return subprocess.Popen(["sleep", "60"], close_fds=close_fds).pid
"""
    )

    async def scene():
        async with opened(write(source)) as (_, plugin):
            for close_fds in (True, False):
                pid = await plugin.call("start", [close_fds])
                await until(lambda: psutil.Process(pid).name() == "sleep")  # noqa: B023
                assert _sockets(pid) == []

    run(scene())


def test_an_overflow_of_the_c_stack_is_an_error_or_a_crash_but_no_hang(write):
    async def scene():
        async with opened(write(SOURCE)) as (_, plugin):
            assert (await failure(plugin.call("deep"))).kind in ("plugin_error", "plugin_crashed")
            assert await plugin.call("echo", [1]) == 1

    asyncio.run(scene())


def test_stdin_is_empty(run, write):
    async def scene():
        async with opened(write(SOURCE)) as (_, plugin):
            assert await plugin.call("read") == ""

    run(scene())


def test_a_forked_child_does_not_keep_the_socket_and_ends_with_the_plugin(run, write):
    async def scene():
        async with opened(write(SOURCE)) as (_, plugin):
            pid = await plugin.call("fork")
            await until(lambda: not _sockets(pid))
            assert psutil.pid_exists(pid)
        await until(lambda: not _lives(pid))

    run(scene())


def _sockets(pid):
    names = [_target(fd) for fd in Path(f"/proc/{pid}/fd").iterdir()]
    return [name for name in names if name.startswith("socket:")]


def _target(fd):
    # Files that a starting program opened briefly may be closed by now; its socket is open.
    with contextlib.suppress(FileNotFoundError):
        return os.readlink(fd)
    return ""


def _lives(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("has_pidfd", [True, False])
def test_a_death_is_seen_although_a_grandchild_holds_the_socket(run, write, monkeypatch, has_pidfd):
    if not has_pidfd:  # as on macOS
        monkeypatch.delattr(os, "pidfd_open")

    async def scene():
        async with opened(write(SOURCE)) as (_, plugin):
            grandchild = await plugin.call("hold_the_socket")
            nap = plugin.call("nap", [30])
            pid = await plugin.call("pid")
            os.kill(pid, signal.SIGKILL)
            async with asyncio.timeout(5):
                assert (await failure(nap)).detail == "signal SIGKILL"
            await until(lambda: not _lives(grandchild))

    run(scene())


def test_answers_written_before_a_death_still_count(run, write):
    source = """
import os, time
def f(x): return x
def leave():
    time.sleep(0.5)  # long enough to be passed by: the answers before it are written
    os.kill(os.getpid(), 9)
"""

    async def scene():
        async with opened(write(source)) as (_, plugin):
            calls = [plugin.call("f", [number]) for number in range(500)]
            death = plugin.call("leave")
            await asyncio.sleep(0)
            # This acts as if the death were noticed before the answers.
            asyncio.get_running_loop().remove_reader(plugin._process._link._sock)
            assert await asyncio.gather(*calls) == list(range(500))
            assert (await failure(death)).kind == "plugin_crashed"

    run(scene())


def test_signals_go_only_to_a_process_that_is_not_reaped(run, write, monkeypatch):
    sent = []

    def killpg(pid, number):
        assert psutil.pid_exists(pid), "signalled after it was reaped"
        sent.append(number)
        real(pid, number)

    real = os.killpg
    monkeypatch.setattr(os, "killpg", killpg)

    async def scene():
        async with opened(write(SOURCE), backoff=0.02) as (_, plugin):
            await failure(plugin.call("leave", [1]))
            await plugin.call("echo", [1])

    run(scene())
    assert sent


@pytest.mark.parametrize(
    "busy",
    [
        "time.sleep(60)",
        "while True: pass",
        "ctypes.PyDLL(None).sleep(60)",  # holds the interpreter lock
    ],
)
def test_a_plugin_does_not_outlive_a_killed_engine(write, busy):
    say = "    os.write(1, b'%d\\n' % os.getpid())\n"
    path = write(f"import ctypes, os, time\ndef work():\n{say}    {busy}\n")
    program = f"""
import asyncio
from boomtalk.plugins import PluginPool
async def main():
    async with PluginPool(log=lambda level, text: print(text.split()[-1], flush=True)) as pool:
        plugin = await pool.open({str(path)!r})
        await plugin.call("work")
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as engine:
        pid = int(engine.stdout.readline())
        assert _lives(pid)
        engine.kill()
        engine.wait()
        deadline = time.monotonic() + 10
        while _lives(pid):
            assert time.monotonic() < deadline, "the plugin outlives its engine"
            time.sleep(0.01)


def test_closing_cancels_what_is_left_and_counts_it(run, write):
    async def scene():
        async with opened(write(SOURCE), window=3) as (pool, plugin):
            calls = [plugin.call("nap", [0.5]) for _ in range(10)]
            await until(lambda: pool.snapshots()[0].in_flight == 3)
        assert all(call.cancelled() for call in calls)
        assert pool.snapshots()[0].cancelled == 10
        assert_balanced(pool.snapshots()[0])
        assert (await failure(plugin.call("echo", [1]))).kind == "plugin_unavailable"

    run(scene())


def test_two_pools_in_one_loop_do_not_know_of_each_other(run, write):
    path = write(SOURCE)

    async def scene():
        async with PluginPool() as one, PluginPool() as two:
            first, second = await one.open(path), await two.open(path)
            assert await first.call("pid") != await second.call("pid")

    run(scene())
