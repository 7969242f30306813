"""Test the directory of a run, and the reports that `boomtalk report` makes from it."""

from __future__ import annotations

import json
import re
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
from boomtalk.examples.target import TargetProcess

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import marks_of, read_report, run_cli, started
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]
CASE = """
config: {name: shop}
teststeps:
  - {name: look, request: {method: GET, url: /}, validate: [{eq: [status_code, 200]}]}
  - {name: t, transaction: {name: buying, type: start}}
  - {name: buy, request: {method: GET, url: /status/418}, validate: [{lt: [status_code, 500]}]}
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case.yml"
    path.write_text(CASE)
    return path


def lines_of(directory: Path) -> list[dict[str, Any]]:
    path = directory / "record.jsonl"
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def seconds_of(directory: Path) -> list[dict[str, Any]]:
    return [line for line in lines_of(directory) if line["record"] == "second"]


def test_the_seconds_of_a_record_add_up_to_its_report(
    target: TargetProcess, tmp_path: Path, case: Path
) -> None:
    out = tmp_path / "out"
    flags = ("-u", "5", "--max-rps", "200", "-d", "2.5s", "--warmup", "1s", "--out", out)
    ended = run_cli("boom", case, "--base-url", target.url, *flags)
    assert ended.code == 0, ended
    report = read_report(out / "report.json")
    check_accounting(report, server_requests=target.stats()["requests"])
    rows = [row for one in seconds_of(out) if one["t"] > 0 for row in one["steps"]]
    for step in report["steps"]:
        mine = [row for row in rows if row["name"] == step["name"]]
        assert sum(row["ok"] for row in mine) == step["ok"] > 0
        assert sum(sum(row["latency"]["counts"]) for row in mine) == step["latency_ms"]["count"]
    (origin, *_) = lines_of(out)
    assert origin["origin"]["files"][0]["path"] == str(case)


def test_a_report_again_says_what_the_run_said(
    target: TargetProcess, tmp_path: Path, case: Path
) -> None:
    out, files = tmp_path / "out", [tmp_path / name for name in ("1.csv", "2.csv", "2.json")]
    seconds = [tmp_path / name for name in ("1s.csv", "2s.csv")]
    flags = ("-i", "30", "-u", "3", "--threshold", "p(95)<60s", "--out", out, "--csv", files[0])
    flags += ("--csv-seconds", seconds[0])
    first = run_cli("boom", case, "--base-url", target.url, *flags)
    assert first.code == 0, first

    written = ("--csv", files[1], "--csv-seconds", seconds[1], "--json", files[2])
    again = run_cli("report", out, *written)

    assert again.code == 0, again
    progress, _, told = first.out.partition("\n\n")
    assert progress.startswith("t=")
    assert again.out == f"\n{told}".replace(f"report      {out / 'report.json'}\n", "")
    assert files[1].read_bytes() == files[0].read_bytes()
    assert seconds[1].read_bytes() == seconds[0].read_bytes()
    assert files[2].read_bytes() == (out / "report.json").read_bytes()


def test_a_killed_run_keeps_all_but_its_last_second(
    target: TargetProcess, tmp_path: Path, case: Path
) -> None:
    out, path = tmp_path / "out", tmp_path / "report.json"
    flags = ("-u", "4", "--max-rps", "100", "--threshold", "error_rate<1%", "--out", out, "--quiet")
    with started(["boom", case, "--base-url", target.url, *flags]) as running:
        wait_until(lambda: len(seconds_of(out)) >= 2, "two recorded seconds")
        running.send(signal.SIGKILL)
        running.wait()
    seconds = seconds_of(out)
    with (out / "record.jsonl").open("a") as file:
        file.write('{"record": "second", "t"')  # cut in the middle of a write

    ended = run_cli("report", out, "--json", path)

    assert ended.code == 0, ended
    assert "killed" in ended.out
    (equation,) = re.findall(r"^iterations  started (\d+) = (.*?)   ", ended.out, re.M)
    assert int(equation[0]) == sum(map(int, re.findall(r"\d+", equation[1])))
    report = read_report(path)
    assert (report["stopped_by"], report["exit_code"]) == ("killed", None)
    assert [one["t"] for one in report["seconds"]] == [one["t"] for one in seconds]
    counted = sum(one["issued"] for one in seconds)
    assert counted == report["accounting"]["issued"] == report["total"]["issued"]
    assert 0 < counted <= target.stats()["requests"]
    (threshold,) = report["thresholds"]
    assert threshold["passed"] is True


def test_a_run_that_was_killed_at_once_is_a_report_of_nothing(
    target: TargetProcess, tmp_path: Path, case: Path
) -> None:
    out, path = tmp_path / "out", tmp_path / "report.json"
    flags = ("--arrival-rate", "1/h", "--out", out, "--quiet")
    with started(["boom", case, "--base-url", target.url, *flags]) as running:
        wait_until(lambda: lines_of(out), "the first line of the record")
        running.send(signal.SIGKILL)
        running.wait()
    (out / "record.jsonl").write_text((out / "record.jsonl").read_text().partition("\n")[0] + "\n")

    ended = run_cli("report", out, "--json", path)

    assert ended.code == 0, ended
    assert read_report(path)["accounting"]["issued"] == 0


def test_the_restart_of_a_plugin_stands_in_the_record_and_in_the_report(
    target: TargetProcess, tmp_path: Path
) -> None:
    out, case = tmp_path / "out", tmp_path / "case.yml"
    case.write_text(
        "config: {name: crash}\n"
        "teststeps:\n  - {name: a, request: {method: GET, url: '/?x=${leave()}'}}\n"
    )
    (tmp_path / "debugtalk.py").write_text(
        "import os, pathlib\n"
        "def leave():\n"
        "    flag = pathlib.Path(__file__).with_name('left')\n"
        "    if not flag.exists():\n"
        "        flag.touch()\n"
        "        os._exit(7)\n"
        "    return 1\n"
    )

    flags = ("--max-rps", "20", "-d", "2.5s", "--out", out)
    ended = run_cli("boom", case, "--base-url", target.url, *flags)

    assert ended.code == 0, ended
    report = read_report(out / "report.json")
    assert "debugtalk.py was restarted" in marks_of(report)[0]
    events = [line for line in lines_of(out) if line["record"] == "event"]
    assert [(one["t"], one["what"]) for one in events] == [
        (mark["t"], mark["what"]) for mark in report["marks"]
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is not a run directory"),
        ("", "this is not the first line of a record"),
        ("{}\n", "record.jsonl:1: is not a line of a record"),
        ("nonsense\n", "record.jsonl:1: is not JSON"),
    ],
)
def test_what_is_no_run_directory_is_bad_input(
    tmp_path: Path, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "record.jsonl").write_text(content)

    ended = run_cli("report", tmp_path)

    assert ended.code == 2, ended
    assert message in ended.err


def test_a_folder_of_runs_is_told_from_a_run_and_names_the_last_one(tmp_path: Path) -> None:
    for name in ("20260102T000000Z-b", "20260101T000000Z-a"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "record.jsonl").touch()

    ended = run_cli("report", tmp_path)

    assert ended.code == 2, ended
    assert f"it holds 2 of them; the last is {tmp_path / '20260102T000000Z-b'}" in ended.err


def test_a_broken_line_in_the_middle_is_told_with_its_place(
    target: TargetProcess, tmp_path: Path, case: Path
) -> None:
    out = tmp_path / "out"
    ended = run_cli("boom", case, "--base-url", target.url, "-i", "5", "--out", out)
    assert ended.code == 0, ended
    (out / "report.json").unlink()
    lines = (out / "record.jsonl").read_text().splitlines()
    lines.insert(1, '{"record": "second", "t": 1}')
    (out / "record.jsonl").write_text("\n".join(lines) + "\n")

    again = run_cli("report", out)

    assert again.code == 2, again
    assert "record.jsonl:2" in again.err


def test_a_program_that_is_gone_when_its_run_ends_has_all_it_needs(
    target: TargetProcess, tmp_path: Path, case: Path
) -> None:
    out, program = tmp_path / "out", tmp_path / "program" / "boomtalk"
    for folder in ("engine", "commands", "plugins", "examples"):
        shutil.copytree(ROOT / folder, program / folder)
    shutil.copy(ROOT / "cli.py", program)
    reports = ("--json", tmp_path / "r.json", "--csv", tmp_path / "r.csv")
    flags = ("-u", "2", "--max-rps", "50", "--out", out, *reports)
    environment = {"PYTHONPATH": str(program.parent)}
    arguments = ["boom", case, "--base-url", target.url, *flags]
    with started(arguments, env=environment) as running:
        wait_until(lambda: seconds_of(out), "a recorded second")
        shutil.rmtree(program)
        running.interrupt()
        ended = running.wait()
    assert ended.code == 130, ended
    assert "requests    issued" in ended.out
    assert read_report(out / "report.json") == read_report(tmp_path / "r.json")
    assert "buy" in (tmp_path / "r.csv").read_text()
