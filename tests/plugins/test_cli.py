"""Test plugins in the real program: its output, and that others cannot connect to it."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from boomtalk.examples.target import TargetProcess, target_process

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import read_report, run_cli, started
from tests.support.processes import Auditor
from tests.support.waiting import PATIENCE, wait_until

CASE = """
config: {name: plugged}
teststeps:
  - {name: plain, request: {method: GET, url: /plain}}
  - {name: signed, request: {method: GET, url: "/${place()}"}}
"""
PLACE = "def place(): return 'old'\n"


class Project:
    """A case, its debugtalk.py, and a shop as the target."""

    def __init__(self, folder: Path, target: TargetProcess) -> None:
        self.target = target
        self.source = folder / "debugtalk.py"
        self.report_path = folder / "report.json"
        self._case = folder / "case.yml"

    def boom(self, source: str, *flags: str, case: str = CASE) -> list[str]:
        """Write the files and return the arguments of a load test."""
        self.source.write_text(source)
        self._case.write_text(case)
        fixed = ["--base-url", self.target.url, "--no-out", "--json", str(self.report_path)]
        return ["boom", str(self._case), *fixed, *flags]

    def report(self, cut: bool = False):
        """Return the report, after comparing it with the shop's counts."""
        report = read_report(self.report_path)
        check_accounting(report, self.requests(), cut)
        return report

    def requests(self) -> int:
        return int(self.target.stats()["requests"])

    def wait_for_requests(self, number: int = 1) -> None:
        wanted = self.requests() + number
        wait_until(lambda: self.requests() >= wanted, "more requests")


@pytest.fixture
def project(tmp_path: Path, no_leftovers: Auditor) -> Iterator[Project]:
    with target_process() as target:
        yield Project(tmp_path, target)


def test_the_memory_of_a_plugin_is_told_however_short_the_run(project: Project) -> None:
    ended = run_cli(*project.boom(PLACE, "-i", "1"))
    assert ended.code == 0, ended
    (plugin,) = project.report()["plugins"]
    assert plugin["rss_peak_mb"] > 1
    assert plugin["cpu_seconds"] > 0


DYING = "import os\ndef place(): os._exit(9)\n"


def test_a_plugin_that_is_given_up_ends_the_run_with_a_full_report(project: Project) -> None:
    ended = run_cli(*project.boom(DYING, "-u", "3", "-d", "40s"))
    assert ended.code == 3, ended
    assert "given up after 4 crashes" in ended.err
    report = project.report()
    assert (report["stopped_by"], report["exit_code"]) == ("plugin", 3)
    (plugin,) = report["plugins"]
    assert (plugin["starts"], plugin["restarts"]) == (4, 3)
    assert plugin["crashed"] == plugin["calls"] >= 4
    kinds = {error["kind"]: error["count"] for error in report["errors"]}
    assert kinds["plugin_crashed"] == plugin["crashed"]
    assert kinds.get("plugin_unavailable", 0) == plugin["unavailable"]


def test_a_run_that_goes_on_without_its_plugin_still_tells_the_loss_at_its_end(
    project: Project,
) -> None:
    arguments = project.boom(DYING, "-u", "3", "--on-plugin-loss", "continue", "--max-rps", "200")
    with started(arguments) as running:
        running.wait_for("given up")
        project.wait_for_requests(20)
        running.send(signal.SIGINT)
        ended = running.wait()
    assert ended.code == 3, ended
    report = project.report(cut=True)
    assert report["stopped_by"] == "signal"
    steps = {step["name"]: step for step in report["steps"]}
    assert steps["plain"]["ok"] >= 20
    assert report["plugins"][0]["unavailable"] > 0


@pytest.mark.parametrize("change", ["edit", "delete"])
def test_a_file_changed_in_mid_run_is_told_and_its_first_code_goes_on(
    change: str, project: Project, no_leftovers: Auditor
) -> None:
    case = CASE.replace("/plain", "/old")
    with started(project.boom(PLACE, "-u", "2", "--max-rps", "200", case=case)) as running:
        project.wait_for_requests()
        if change == "edit":
            project.source.write_text(PLACE.replace("old", "new"))
        else:
            project.source.unlink()
        running.wait_for("edited during the run")
        (first,) = no_leftovers.plugins()
        first.kill()
        wait_until(lambda: any(one != first for one in no_leftovers.plugins()), "the next process")
        project.wait_for_requests(20)
        running.send(signal.SIGINT)
        running.wait()
    (plugin,) = project.report(cut=True)["plugins"]
    assert (plugin["source_changed"], plugin["restarts"]) == (True, 1)
    assert set(project.target.stats()["by_path"]) == {"/old"}


def test_a_run_whose_file_was_left_alone_says_so(project: Project) -> None:
    assert run_cli(*project.boom(PLACE, "-i", "3")).code == 0
    assert project.report()["plugins"][0]["source_changed"] is False


HOOKED = """
config: {name: hooked}
teststeps:
  - name: signed
    request: {method: GET, url: "/${place()}"}
    teardown_hooks: ["${after()}"]
"""
TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_ctrl_c_in_a_terminal_does_not_reach_the_plugin(project: Project) -> None:
    source = "import time\ndef place():\n    time.sleep(0.5)\n    return 'old'\ndef after(): pass\n"
    master, slave = pty.openpty()
    program = [sys.executable, "-m", "boomtalk.cli"]
    process = subprocess.Popen(
        [sys.executable, "-c", TERMINAL, *program, *project.boom(source, "-u", "1", case=HOOKED)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    try:
        wait_until(lambda: _called(project, master), "the first request")
        os.write(master, b"\x03")
        _read_to_the_end(master)
        code = process.wait(PATIENCE)
    finally:
        os.close(master)
        process.kill()
        process.wait()
    assert code == 130
    report = project.report()
    (plugin,) = report["plugins"]
    assert (plugin["crashed"], plugin["errors"], plugin["restarts"]) == (0, 0, 0)
    calls = {function["name"]: function["calls"] for function in plugin["functions"]}
    assert calls["after"] == calls["place"] == report["iterations"]["completed"]
    assert report["iterations"]["failed"] == report["iterations"]["interrupted"] == 0


def _called(project: Project, master: int) -> bool:
    # The drawn frames must be read, or the program would block.
    flags = fcntl.fcntl(master, fcntl.F_GETFL)
    fcntl.fcntl(master, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    try:
        os.read(master, 65536)
    except BlockingIOError:
        pass
    finally:
        fcntl.fcntl(master, fcntl.F_SETFL, flags)
    return project.requests() > 0


def _read_to_the_end(master: int) -> None:
    try:
        while os.read(master, 65536):
            pass
    except OSError:
        pass  # Linux returns EIO when the last writer is gone


@pytest.mark.parametrize("listens", [False, True])
def test_nothing_of_a_run_can_be_connected_to(
    listens: bool, project: Project, no_leftovers: Auditor
) -> None:
    """As a control, the test finds a plugin that opens a listening socket itself."""
    own = "import socket\nmine = socket.create_server(('127.0.0.1', 0))\n" if listens else ""
    with started(project.boom(own + PLACE, "-u", "5", "--max-rps", "200")) as running:
        project.wait_for_requests(5)
        (plugin,) = no_leftovers.plugins()
        engine = psutil.Process(running.pid)
        assert plugin.parent() == engine
        assert bool(_reachable(engine) or _reachable(plugin)) is listens
        running.send(signal.SIGINT)
        assert running.wait().code == 130


def _reachable(process: psutil.Process) -> list[object]:
    """Return the sockets of a process that others could connect to: listening, or with a name."""
    internet = [one for one in process.net_connections("inet") if one.status == "LISTEN"]
    return internet + [one for one in process.net_connections("unix") if one.laddr]


def test_a_process_over_the_cap_of_the_flag_is_replaced_and_no_call_fails(
    project: Project,
) -> None:
    source = (
        "hoard = []\n"
        "def place():\n"
        "    if not hoard: hoard.append(b'x' * 150_000_000)\n"
        "    return 'old'\n"
    )
    arguments = project.boom(source, "-u", "2", "--plugin-memory", "100m", "--max-rps", "100")
    with started(arguments) as running:
        running.wait_for("over its memory cap of 104857600 bytes")
        project.wait_for_requests(20)
        running.send(signal.SIGINT)
        assert running.wait().code == 130
    report = project.report(cut=True)
    (plugin,) = report["plugins"]
    assert plugin["restarts"] >= 1
    assert plugin["calls"] == plugin["ok"]
    # It may have been looked at, and given up, before it had all of its 150 MB.
    assert plugin["rss_peak_mb"] > 104.8
    assert report["errors"] == []


@pytest.mark.parametrize("size", ["lots", "0", "-1m", "5t"])
def test_a_cap_that_is_no_size_is_refused(size: str, tmp_path: Path) -> None:
    ended = run_cli("boom", tmp_path, "--plugin-memory", size)
    assert ended.code == 2, ended
    assert "write 512m or 1g" in " ".join(ended.err.split())


CLEAR = "\\x1b[2J\\r\\x07"


@pytest.mark.parametrize("to_file", [False, True])
def test_what_a_plugin_prints_moves_no_cursor(to_file: bool, project: Project) -> None:
    source = f"print('evil{CLEAR}\\ttab \\ud800')\n" + PLACE
    log = project.source.with_name("log")
    flags = ["--log-file", str(log)] if to_file else []
    ended = run_cli(*project.boom(source, "-i", "1", "--log-level", "info", *flags))
    assert ended.code == 0, ended
    written = log.read_text() if to_file else ended.err
    assert "evil\\x1b[2J\\r\\x07\ttab \\ud800" in written
    assert not {"\x1b", "\x07", "\r"} & set(written)


def test_why_a_plugin_cannot_start_moves_no_cursor_either(project: Project) -> None:
    source = f"print('last words{CLEAR}', flush=True)\nraise ValueError('evil{CLEAR}')\n"
    ended = run_cli(*project.boom(source, "-i", "1"))
    assert ended.code == 3, ended
    assert "ValueError: evil\\x1b[2J" in ended.err
    assert "\x1b" not in ended.err
    assert project.requests() == 0
