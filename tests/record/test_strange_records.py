"""Test unusual results: odd names, old versions, full disks, two runs in one second."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from boomtalk.engine.record.directory import RunDirectory, new_directory
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import COMMAND, Ended, read_report, run_cli, started

NAME = "lone \ud800 surrogate, \x1b[31mred\x00 and \u202e backwards"
SHOWN = NAME.replace("\ud800", "\ufffd")


def case_named(folder: Path, name: str) -> Path:
    step: dict[str, Any] = {"name": name, "request": {"method": "GET", "url": "/status/418"}}
    step["validate"] = [{"eq": ["status_code", 200, name]}]
    path = folder / "case.json"
    path.write_text(json.dumps({"config": {"name": name}, "teststeps": [step]}))
    return path


@pytest.fixture
def out(target: TargetProcess, tmp_path: Path) -> Path:
    path = tmp_path / "out"
    ended = run_cli("boom", f"{target.url}/", "-i", "5", "--quiet", "--out", path)
    assert ended.code == 0, ended
    return path


def change_report(out: Path, change: Callable[[dict[str, Any]], object]) -> None:
    report = read_report(out / "report.json")
    change(report)
    (out / "report.json").write_text(json.dumps(report))


def test_a_name_of_any_characters_stands_in_every_form_of_the_results(
    target: TargetProcess, tmp_path: Path
) -> None:
    out, names = tmp_path / "out", ("json", "csv", "junit", "html", "markdown", "samples")
    files = {name: tmp_path / f"results.{name}" for name in names}
    flags = [word for name, path in files.items() for word in (f"--{name}", path)]
    case = case_named(tmp_path, NAME)

    ended = run_cli("boom", case, "--base-url", target.url, "-i", "5", "--out", out, *flags)

    assert (ended.code, ended.err) == (0, "")
    assert "\x1b" not in ended.out
    for report in (read_report(files["json"]), read_report(out / "report.json")):
        assert [step["name"] for step in report["steps"]] == [SHOWN]
        assert SHOWN in report["errors"][0]["message"]
    samples = [json.loads(line) for line in files["samples"].read_text().splitlines()]
    assert {sample["step"] for sample in samples} == {SHOWN}
    with files["csv"].open(newline="") as file:
        assert len(list(csv.reader(file))) == 3
    assert run_cli("report", out, "--html", tmp_path / "again.html").code == 0


def test_a_run_directory_has_a_name_that_a_file_may_have(tmp_path: Path) -> None:
    path = new_directory(tmp_path, "\U00020000" * 80, datetime.now(UTC))

    assert len(path.name.encode()) < 255
    assert path.is_dir()


def test_runs_of_one_name_in_the_same_second_each_get_a_directory(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    paths = [new_directory(tmp_path / "results", "shop", now) for _ in range(3)]

    assert len({RunDirectory(path).path for path in paths}) == 3


@pytest.mark.parametrize("command", ["report", "compare"])
def test_a_record_of_a_newer_schema_is_told(out: Path, command: str) -> None:
    record = out / "record.jsonl"
    record.write_text(record.read_text().replace('"schema":1', '"schema":2', 1))

    ended = run_cli(command, *([out] if command == "report" else [out, out]))

    assert ended.code == 2, ended
    assert f"{record}:1: has schema 2, this boomtalk reads up to 1" in ended.err


@pytest.mark.parametrize("command", ["report", "compare"])
@pytest.mark.parametrize(
    ("content", "told"),
    [("[]", "this is not a report"), ('{"schema": 1}', "tool is missing"), ("{", "end of data")],
)
def test_what_is_no_report_is_told(out: Path, command: str, content: str, told: str) -> None:
    (out / "report.json").write_text(content)

    ended = run_cli(command, *([out] if command == "report" else [out, out]))

    assert ended.code == 2, ended
    assert f"{out / 'report.json'} cannot be read" in ended.err
    assert told in ended.err
    assert "Traceback" not in ended.err


def test_a_report_from_before_there_were_shards_is_shown(out: Path) -> None:
    change_report(out, lambda report: report.pop("shards"))

    ended = run_cli("report", out, "--html", out / "page.html", "--markdown", out / "page.md")

    assert ended.code == 0, ended
    assert "issued 5 = ok 5" in ended.out


def test_a_record_without_any_second_is_shown_and_too_short_to_compare(out: Path) -> None:
    (out / "report.json").unlink()
    record = out / "record.jsonl"
    record.write_text(record.read_text().partition("\n")[0] + "\n")

    shown = run_cli("report", out, "--html", out / "page.html", "--markdown", out / "page.md")
    compared = run_cli("compare", out, out, "--force")

    assert (shown.code, compared.code) == (0, 1), (shown, compared)
    assert "issued 0 = ok 0" in shown.out
    assert "too short to tell" in compared.out


def test_a_full_disk_under_the_run_directory_leaves_the_other_files(
    target: TargetProcess, tmp_path: Path
) -> None:
    out, copy = tmp_path / "out", tmp_path / "copy.csv"
    words = ("-i", "5", "--quiet", "--out", out, "--csv", copy, "--json", "/dev/full")

    ended = run_with_small_files("boom", f"{target.url}/", *words)

    assert ended.code == 4, ended
    assert f"{out / 'report.json'} could not be written: File too large" in ended.err
    assert "/dev/full could not be written: No space left on device" in ended.err
    assert copy.read_text().count("\n") == 3
    assert not list(out.glob("report.json*"))


def run_with_small_files(*words: str | Path) -> Ended:
    """Run the program with a file size limit of 2 KiB, as if the disk were full."""
    limited = ("sh", "-c", 'ulimit -f 4; exec "$@"', "sh", *COMMAND)
    with started(words, command=limited) as running:
        return running.wait()


@pytest.mark.parametrize("mark", ["\r", "\r\n", "\n"])
def test_a_line_end_in_a_name_stays_within_its_cell(out: Path, mark: str) -> None:
    name, file = f"get{mark}=1+1", out / "steps.csv"
    change_report(out, lambda report: report["steps"][0].update(name=name, case=f"{mark}=2"))

    ended = run_cli("report", out, "--csv", file, "--quiet")

    assert ended.code == 0, ended
    text = file.read_bytes().decode()
    assert f'"{name}"' in text
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [len(row) for row in rows] == [17] * 3
    assert rows[1][:2] == [f"'{mark}=2", name]
