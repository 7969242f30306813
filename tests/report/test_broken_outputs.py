"""Test outputs of every command that are closed, full, unread, removed or not there yet."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from boomtalk.examples.target import TargetProcess

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import read_report, run_cli, started
from tests.support.folder_watch import watched
from tests.support.terminal import on_terminal
from tests.support.unread import unread_pipe
from tests.support.waiting import PATIENCE, wait_until

CASE = """
config: {name: 登录, parameters: {n: [1, 2, 3]}}
teststeps: [{name: 登录, request: {method: GET, url: "/$n"}}]
"""
FULL_DISK = Path("/dev/full")
FULL = "warning: cannot print any more output: No space left on device\n"


@pytest.fixture
def case(target: TargetProcess, tmp_path: Path) -> tuple[str, ...]:
    """Return the words that name a case and its server."""
    (tmp_path / "case.yml").write_text(CASE)
    return ("case.yml", "--base-url", target.url)


@pytest.fixture
def recorded(target: TargetProcess, tmp_path: Path) -> Path:
    """Return the directory of a run."""
    out = tmp_path / "out"
    assert run_cli("boom", f"{target.url}/", "-i", "3", "--out", out, "-q").code == 0
    return out


def around(folder: Path, script: str, *words: object) -> subprocess.CompletedProcess[str]:
    """Run the program in a shell, as `"$@"` of the script."""
    command = ["bash", "-c", script, "bash", sys.executable, "-m", "boomtalk.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=PATIENCE)


@pytest.mark.parametrize("script", ['"$@" >/dev/full', '"$@" 2>&- >/dev/full'])
@pytest.mark.parametrize("flags", [("--help",), ("--version",), ("boom", "--help")])
def test_a_help_text_on_a_full_disk_is_no_traceback(
    tmp_path: Path, script: str, flags: tuple[str, ...]
) -> None:
    ended = around(tmp_path, script, *flags)

    assert (ended.returncode, ended.stderr) == (0, FULL if "2>" not in script else "")


@pytest.mark.parametrize("flags", [(), ("--curl", "3")])
def test_a_report_ends_quietly_if_its_reader_does(recorded: Path, flags: tuple[str, ...]) -> None:
    with subprocess.Popen(["head", "-1"], stdin=-1, stdout=-1) as head:
        assert head.stdin is not None
        ended = run_cli("report", recorded, *flags, out_to=head.stdin)
        seen, _ = head.communicate()

    assert (ended.code, ended.err) == (0, "")
    assert len(seen.splitlines()) == 1


@pytest.mark.parametrize("flags", [(), ("--curl", "3")])
def test_a_report_on_a_full_disk_is_told_once(recorded: Path, flags: tuple[str, ...]) -> None:
    with FULL_DISK.open("wb") as full:
        ended = run_cli("report", recorded, *flags, out_to=full)

    assert (ended.code, ended.err) == (0, FULL)


RATES = ("--from", "5/s", "--to", "5/s", "--step", "1s")
COMMANDS = pytest.mark.parametrize("command", [("run",), ("check",), ("find-limit", *RATES)])


@COMMANDS
def test_the_verdict_of_a_command_needs_no_streams(
    case: tuple[str, ...], tmp_path: Path, command: tuple[str, ...]
) -> None:
    ended = around(tmp_path, '"$@" >&- 2>&-', *command, *case)

    assert (ended.returncode, ended.stderr) == (0, "")


@COMMANDS
@pytest.mark.parametrize("full", ["out_to", "err_to"])
def test_the_verdict_of_a_command_needs_no_output(
    case: tuple[str, ...], tmp_path: Path, command: tuple[str, ...], full: str
) -> None:
    with FULL_DISK.open("wb") as disk:
        ended = run_cli(*command, *case, cwd=tmp_path, **{full: disk})

    assert (ended.code, ended.err) == (0, FULL if full == "out_to" else "")


def test_a_run_whose_output_nobody_reads_does_its_work_and_writes_its_reports(
    case: tuple[str, ...], target: TargetProcess, tmp_path: Path
) -> None:
    (tmp_path / "debugtalk.py").write_text("def f():\n    print('x' * 100_000)\n    return 1\n")
    (tmp_path / "case.yml").write_text(CASE.replace("$n", "$n/${f()}/" + "y" * 4000))
    flags = ("-v", "--json", "o.json", "--log-level", "info")

    words = ["run", *case, *flags]
    with unread_pipe() as pipe, started(words, cwd=tmp_path, out_to=pipe, err_to=pipe) as running:
        wait_until((tmp_path / "o.json").exists, "the report")
        # What was printed still waits for its reader; Ctrl-C ends the wait.
        running.send(signal.SIGINT)
        assert running.wait().code == 130

    assert target.stats()["requests"] == 3
    assert json.loads((tmp_path / "o.json").read_text())["stat"]["testcases"]["total"] == 3


def test_a_terminal_that_is_held_does_not_hold_the_load(
    case: tuple[str, ...], target: TargetProcess, tmp_path: Path
) -> None:
    report = tmp_path / "out" / "report.json"
    path = tmp_path / case[0]
    flags = ("-d", "3s", "--out", report.parent)

    with on_terminal(100, 30, "boom", path, *case[1:], *flags) as terminal:
        terminal.wait_for("req/s")
        terminal.press("\x13")  # Ctrl-S
        wait_until(report.exists, "the report")
        terminal.press("\x11")  # Ctrl-Q
        assert terminal.wait() == 0

    check_accounting(read_report(report), target.stats()["requests"])


@pytest.mark.parametrize("command", [("boom", "-i", "1"), ("run",)])
def test_a_result_file_appears_once_when_it_is_complete(
    case: tuple[str, ...], tmp_path: Path, command: tuple[str, ...]
) -> None:
    words = (*command, tmp_path / case[0], *case[1:], "--json", tmp_path / "o.json")

    with watched(tmp_path) as folder:
        assert run_cli(*words).code == 0
        appeared = folder.appeared("o.json")

    assert appeared == ["moved here"]


def test_a_name_that_leaves_no_room_for_the_incomplete_file_is_refused_before_the_load(
    case: tuple[str, ...], target: TargetProcess, tmp_path: Path
) -> None:
    path = tmp_path / ("x" * 250)

    ended = run_cli("boom", tmp_path / case[0], *case[1:], "-i", "1", "--json", path)

    assert ended.code == 2, ended
    assert "File name too long" in ended.err
    assert target.stats()["requests"] == 0


def test_folders_of_result_files_are_made_and_the_umask_decides_who_reads_them(
    case: tuple[str, ...], tmp_path: Path
) -> None:
    old = tmp_path / "old.json"
    old.write_text("{}")
    old.chmod(0o640)
    files = ("--csv", "a/b/o.csv", "--junit", "a/o.xml", "--samples", "s/s.jsonl", "--json", old)

    ended = run_cli("boom", *case, "-i", "3", "--no-out", "-q", *files, cwd=tmp_path)

    assert ended.code == 0, ended
    modes = {name: (tmp_path / name).stat().st_mode & 0o777 for name in files[1::2]}
    umask = os.umask(0)
    os.umask(umask)
    new = 0o666 & ~umask
    assert modes == {"a/b/o.csv": new, "a/o.xml": new, "s/s.jsonl": new, old: 0o640}


def test_a_result_that_cannot_be_written_does_not_prevent_the_others(
    case: tuple[str, ...], tmp_path: Path
) -> None:
    files = ("--json", "/dev/full", "--html", "o.html", "--junit", "j/o.xml")

    ended = run_cli("run", *case, "-q", *files, cwd=tmp_path)

    assert ended.code == 4
    assert ended.err == "error: /dev/full could not be written: No space left on device\n"
    assert (tmp_path / "o.html").exists()
    assert (tmp_path / "j" / "o.xml").exists()


def test_a_run_directory_that_is_removed_in_the_middle_is_told_and_its_report_written(
    case: tuple[str, ...], target: TargetProcess, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with started(["boom", *case, "-d", "2s", "--out", "out", "-q"], cwd=tmp_path) as running:
        wait_until(lambda: target.stats()["requests"], "the first request")
        shutil.rmtree(out)
        ended = running.wait()

    assert ended.code == 4, ended
    told = "error: the record of the run is incomplete: out/record.jsonl: it was removed\n"
    assert ended.err == told
    check_accounting(read_report(out / "report.json"), target.stats()["requests"])


def test_samples_for_a_pipe_that_nobody_reads_cost_the_load_nothing(
    target: TargetProcess, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    flags = ("-i", "5", "--no-out", "-q", "--samples", "pipe", "--json", "o.json")

    ended = run_cli("boom", f"{target.url}/", *flags, cwd=tmp_path)

    assert (ended.code, target.stats()["requests"]) == (4, 5)
    assert ended.err == "warning: 5 samples are unwritten: pipe: nobody reads it\n"
    told = read_report(tmp_path / "o.json")["samples"]
    assert told == {"written": 0, "unwritten": 5, "reason": "pipe: nobody reads it"}


def test_a_report_for_a_pipe_that_nobody_reads_is_told(
    case: tuple[str, ...], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")

    ended = run_cli("run", *case, "-q", "--json", "pipe", "--html", "o.html", cwd=tmp_path)

    assert ended.code == 4
    assert ended.err == "error: pipe could not be written: nobody reads it\n"
    assert (tmp_path / "o.html").exists()
