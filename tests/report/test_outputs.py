"""Test that outputs which are slow, full, closed or in another encoding do not harm a run."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from boomtalk.examples.target import TargetProcess

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import read_report, run_cli, started
from tests.support.terminal import on_terminal
from tests.support.unread import unread_pipe
from tests.support.waiting import wait_until

TALKING = """
config: {name: talks}
teststeps:
  - {name: 登录, request: {method: GET, url: /, headers: {X-V: "${f()}"}}}
"""
PRINTS = "def f():\n    print('x' * 2000)\n    return 1\n"


@pytest.fixture
def words(target: TargetProcess, tmp_path: Path) -> list[str]:
    """Return a load test of a case whose plugin prints a lot."""
    (tmp_path / "case.yml").write_text(TALKING)
    (tmp_path / "debugtalk.py").write_text(PRINTS)
    return ["boom", str(tmp_path / "case.yml"), "--base-url", target.url]


def test_pipes_that_nobody_reads_hold_up_neither_the_load_nor_its_report(
    words: list[str], target: TargetProcess, tmp_path: Path
) -> None:
    report = tmp_path / "out" / "report.json"
    out = ("--out", str(report.parent), "--log-level", "info", "-i", "200")

    with unread_pipe() as pipe, started([*words, *out], out_to=pipe, err_to=pipe) as running:
        wait_until(report.exists, "the report")
        # The summary still waits for its reader; Ctrl-C ends the wait.
        running.send(signal.SIGINT)
        assert running.wait().code == 130

    told = read_report(report)
    check_accounting(told, target.stats()["requests"])
    assert target.stats()["requests"] == 200, (told["stopped_by"], told["errors"])


def test_a_log_on_a_full_disk_is_told_once_and_the_exit_code_stays(words: list[str]) -> None:
    log = ("--log-level", "info", "--log-file", "/dev/full")

    ended = run_cli(*words, "-i", "5", "--no-out", "-q", *log)

    reason = "/dev/full: No space left on device"
    assert ended.err == f"warning: 5 lines of the log are not written: {reason}\n"
    assert ended.code == 0


def test_characters_that_a_stream_cannot_show_are_escaped_and_files_are_utf_8(
    words: list[str], tmp_path: Path
) -> None:
    table, out = tmp_path / "o.csv", tmp_path / "out"
    env = {"PYTHONIOENCODING": "ascii"}

    ended = run_cli(*words, "-i", "3", "--out", out, "--csv", table, env=env)

    assert ended.code == 0, ended
    assert "\\u767b\\u5f55" in ended.out
    assert "登录" in table.read_text(encoding="utf-8")
    assert "登录" in json.dumps(read_report(out / "report.json"), ensure_ascii=False)


def test_a_terminal_that_is_closed_is_a_first_ctrl_c(words: list[str], tmp_path: Path) -> None:
    report = tmp_path / "out" / "report.json"

    with on_terminal(100, 30, *words, "-d", "40s", "--out", report.parent) as terminal:
        terminal.wait_for("req/s")
        terminal.hang_up()
        assert terminal.wait() == 143

    assert read_report(report)["stopped_by"] == "signal"
    check_accounting(read_report(report))
