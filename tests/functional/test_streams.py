"""Test runs whose output fails: they go on, and reports and exit code stay the same."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import Ended, run_cli
from tests.support.waiting import PATIENCE

CASE = """
config: {name: c, parameters: {n: [1, 2, 3, 4, 5, 6]}}
teststeps: [{name: s, request: {method: GET, url: /}}]
"""


def shell(
    target: TargetProcess, folder: Path, command: str, around: str
) -> subprocess.CompletedProcess[str]:
    """Run the program in a shell; `around` is a script that contains `$RUN`."""
    (folder / "case.yml").write_text(CASE)
    words = [sys.executable, "-m", "boomtalk.cli", *command.split(), "--base-url", target.url]
    script = "set -o pipefail; " + around.replace("$RUN", shlex.join(words))
    return subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, cwd=folder, timeout=PATIENCE
    )


def on_full_disk(target: TargetProcess, folder: Path, command: str, *flags: str) -> Ended:
    """Run the program with `/dev/full` as its stdout."""
    (folder / "case.yml").write_text(CASE)
    words = (command, "case.yml", *flags, "--base-url", target.url)
    with Path("/dev/full").open("wb") as full:
        return run_cli(*words, cwd=folder, out_to=full)


def check_report(folder: Path) -> None:
    summary = json.loads((folder / "s.json").read_text())
    assert summary["stat"]["testcases"] == {"total": 6, "success": 6, "fail": 0}


def test_a_reader_that_has_seen_enough_does_not_end_the_run(
    target: TargetProcess, tmp_path: Path
) -> None:
    ended = shell(target, tmp_path, "run case.yml -v --json s.json", "$RUN | head -1")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("c [row 1]")
    check_report(tmp_path)
    assert target.stats()["requests"] == 6


def test_a_full_disk_below_stdout_is_told_once_and_does_not_end_the_run(
    target: TargetProcess, tmp_path: Path
) -> None:
    ended = on_full_disk(target, tmp_path, "run", "--json", "s.json")
    told = "warning: cannot print any more output: No space left on device\n"
    assert (ended.code, ended.err) == (0, told)
    check_report(tmp_path)


def test_a_report_that_a_full_disk_cuts_is_exit_4(target: TargetProcess, tmp_path: Path) -> None:
    ended = on_full_disk(target, tmp_path, "run", "-q", "--json", "-")
    assert ended.code == 4
    assert "stdout could not be written: No space left on device" in ended.err


def test_check_has_the_same_verdict_without_a_reader(target: TargetProcess, tmp_path: Path) -> None:
    ended = on_full_disk(target, tmp_path, "check")
    assert ended.code == 0, ended
    assert "Traceback" not in ended.err

    piped = shell(target, tmp_path, "check case.yml", "$RUN | true")
    assert piped.returncode == 0, piped
    assert "Traceback" not in piped.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_run_started_without_standard_streams_does_its_work(
    target: TargetProcess, tmp_path: Path, closed: str
) -> None:
    (tmp_path / "debugtalk.py").write_text("print('loud')\n")
    ended = shell(target, tmp_path, "run case.yml --log-level info --json s.json", f"$RUN {closed}")
    assert ended.returncode == 0, ended.stderr
    check_report(tmp_path)
    assert target.stats()["requests"] == 6
