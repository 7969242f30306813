"""Test the verdict of real runs in which the generator is the bottleneck, or is not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import Running, read_report, started
from tests.support.load_runs import GET, Boom
from tests.support.terminal import on_terminal
from tests.support.timed_server import TimedServer
from tests.support.waiting import wait_until


def heavy(checks: int) -> str:
    """Return a case in which a user's work per request is many times that of the server."""
    case = GET.format(url="/").replace("}}]", "}, validate: [")
    # The same bytes would be judged once; the URL is none of them.
    made = ["{endswith: [url, /]}", *["{eq: [status_code, 200]}"] * checks]
    return case.rstrip() + ", ".join(made) + "]}]\n"


HEAVY = heavy(300)
HOG = "while True: pass"
# Prints how late it wakes from short sleeps: the maximum, and the 99th percentile.
WITNESS = """
import sys, threading, time
over = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
late = []
while not over.is_set():
    began = time.perf_counter()
    time.sleep(0.01)
    late.append(time.perf_counter() - began - 0.01)
late.sort()
print(late[int(len(late) * 0.99)], late[-1])
"""


@dataclass
class Witness:
    """The delays in seconds of another process, which only slept during the run."""

    late: list[float] = field(default_factory=list)

    @property
    def saw_a_quiet_machine(self) -> bool:
        tail, worst = self.late
        return tail < 0.003 and worst < 0.02


@contextmanager
def witness() -> Iterator[Witness]:
    found = Witness()
    command = [sys.executable, "-c", WITNESS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield found
        out, _ = process.communicate()
        found.late = [float(word) for word in out.split()]


@contextmanager
def crowded_out(pid: int) -> Iterator[None]:
    """Let a process of higher priority use up the one core that this process may use."""
    cores = os.sched_getaffinity(pid)
    with subprocess.Popen([sys.executable, "-c", HOG]) as hog:
        try:
            for each in (hog.pid, pid):
                os.sched_setaffinity(each, {min(cores)})
            os.setpriority(os.PRIO_PROCESS, pid, 19)
            yield
        finally:
            hog.kill()
            os.sched_setaffinity(pid, cores)


def test_a_closed_load_on_a_fast_target_is_limited_by_the_generator(
    boom: Boom, timed: TimedServer
) -> None:
    results = boom(HEAVY, "-u", "10", "-d", "4s", "--strict")
    health = results.report["health"]
    check_accounting(results.report, server_requests=len(timed.log()))
    assert health["limited_by"] == "generator_cpu"
    assert "of one core" in health["evidence"]
    assert health["trusted"] is False
    assert results.ended.code == results.report["exit_code"] == 5
    assert f"limited by: generator_cpu ({health['evidence']})" in results.ended.out
    assert "NOT TRUSTED" in results.ended.out


@pytest.mark.alone
def test_the_limit_is_told_while_the_load_runs(timed: TimedServer, tmp_path: Path) -> None:
    case = tmp_path / "case.yml"
    # Also where a busy machine makes the server slow.
    case.write_text(heavy(3000))
    arguments = ("boom", case, "--base-url", timed.url, "-u", "10", "-d", "30s", "--no-out")
    with on_terminal(160, 40, *arguments) as terminal:
        terminal.wait_for("limited by generator_cpu")
        terminal.press("q")
        assert terminal.wait() == 130


@pytest.mark.alone
def test_a_generator_that_others_keep_from_its_core_does_not_blame_the_target(
    timed: TimedServer, tmp_path: Path
) -> None:
    case, path = tmp_path / "case.yml", tmp_path / "report.json"
    case.write_text(GET.format(url="/ms/1"))
    arguments = ("boom", case, "--base-url", timed.url, "-u", "20", "--no-out", "--json", path)
    with started(arguments) as running:
        wait_until(lambda: timed.stats()["requests"], "the first request")
        with crowded_out(running.pid):
            wait_for_seconds(running, 6)
        running.interrupt()
        ended = running.wait()
    assert ended.code == 130
    report = read_report(path)
    health = report["health"]
    # Other programs may slow down the target, too: not most of each time need be the generator's.
    tail = report["total"]["latency_ms"]["p99"]
    assert health["trusted"] is False or health["latency_error_ms"] <= tail / 2, health
    doubt = health["doubt"] if health["trusted"] else f"NOT TRUSTED: {health['doubt']}"
    assert f"\n{doubt}\n" in ended.out
    assert health["limited_by"] == "generator_cpu"
    assert "waited for a core" in health["evidence"]


def wait_for_seconds(running: Running, seconds: float) -> None:
    """Wait while the disturbance lasts; the test is about its duration."""
    with pytest.raises(subprocess.TimeoutExpired):
        running.wait(seconds)


@pytest.mark.alone
def test_a_quiet_run_on_a_quiet_machine_is_trusted(boom: Boom) -> None:
    with witness() as other:
        results = boom(GET.format(url="/ms/250"), "-u", "5", "-d", "4s")
    health = results.report["health"]
    # If the machine delayed another process, it may have delayed the generator, too.
    assert health["trusted"] or not other.saw_a_quiet_machine, (health, other)
    assert health["limited_by"] == "server" or not other.saw_a_quiet_machine, (health, other)
