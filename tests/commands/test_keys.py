"""Test that keys steer a run, and that the report lists their effects."""

from __future__ import annotations

import os
from pathlib import Path

from boomtalk.examples.target import TargetProcess

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import marks_of, read_report
from tests.support.terminal import on_terminal
from tests.support.waiting import wait_until


def test_keys_steer_a_run(target: TargetProcess, tmp_path: Path) -> None:
    case = tmp_path / "case.yml"
    case.write_text("config: {name: k}\nteststeps: [{name: one, request: {method: GET, url: /}}]\n")
    out = tmp_path / "out"
    arguments = ("boom", case, "--base-url", target.url, "-u", "10", "--out", out)
    with on_terminal(120, 40, *arguments) as terminal:
        terminal.wait_for("10/10 users")
        terminal.press("m")
        terminal.press("h")
        terminal.wait_for("latency per second")
        terminal.press("?")
        terminal.wait_for("set a mark in the report")
        # The arrow in two parts, as a slow line may bring it: its letters are not keys.
        terminal.press("\x1b[")
        terminal.press("B2")
        terminal.wait_for("▼fail")
        terminal.press("f")
        terminal.wait_for("no failures so far")
        terminal.press("+")
        terminal.wait_for("11/11 users")
        terminal.press("--")
        terminal.wait_for("9/9 users")
        terminal.press("p")
        terminal.wait_for("paused")
        terminal.wait_for("in flight 0")
        paused_at = target.stats()["requests"]
        terminal.press("s")
        wait_until((out / "snapshot-1.json").exists, "the snapshot")
        assert target.stats()["requests"] == paused_at
        terminal.press("p")
        wait_until(lambda: target.stats()["requests"] > paused_at, "the run to go on")
        terminal.press("q")
        code = terminal.wait()
    assert code == 130
    report = read_report(out / "report.json")
    check_accounting(report, server_requests=target.stats()["requests"], cut=True)
    assert marks_of(report) == [
        *["mark 1", "+1 users", "-1 users", "-1 users", "paused", "snapshot 1", "resumed"],
    ]
    assert report["load"]["peak_users"] == 11
    snapshot = read_report(out / "snapshot-1.json")
    assert (snapshot["stopped_by"], snapshot["exit_code"]) == (None, None)
    assert snapshot["accounting"]["issued"] <= paused_at


def test_a_snapshot_that_cannot_be_written_is_told_in_a_line(
    target: TargetProcess, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    (out / "snapshot-1.json.partial").mkdir(parents=True)
    with on_terminal(240, 40, "boom", f"{target.url}/", "-u", "1", "--out", out) as terminal:
        terminal.wait_for("1/1 users")
        terminal.press("s")
        terminal.wait_for("snapshot-1.json could not be written")
        terminal.press("q")
        assert terminal.wait() == 130
        assert b"Traceback" not in terminal.written
    assert marks_of(read_report(out / "report.json")) == []


def test_the_terminal_is_left_as_it_was(target: TargetProcess, tmp_path: Path) -> None:
    case = tmp_path / "case.yml"
    case.write_text("config: {name: k}\nteststeps: [{request: {method: GET, url: /}}]\n")
    arguments = ("boom", case, "--base-url", target.url, "-i", "3", "--no-out")
    with on_terminal(80, 24, *arguments) as terminal:
        before = terminal.settings()
        assert terminal.wait() == 0
        assert terminal.settings() == before
        assert b"\x1b[?25h" in terminal.written
    assert os.path.exists(case)
