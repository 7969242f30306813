"""Test edge cases of whole runs: files that do not load, failures, and how they are counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from boomtalk.engine import Load, load_cases
from boomtalk.engine.case.model import RequestStep

from tests.functional.servers import json_answer, play
from tests.http.scripted_server import OK
from tests.scenario.bench import Bench, errors_of
from tests.support.boomtalk_cli import read_report, run_cli

from .outcome import case_of, posting

# The base URLs that --base-url overrides.
NOWHERE = "http://127.0.0.1:1"


@pytest.mark.parametrize("command", ["run", "boom"])
@pytest.mark.parametrize("text", [None, "config: ["])
def test_a_file_that_is_missing_or_broken_is_exit_2(
    tmp_path: Path, command: str, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "case.yml").write_text(text)
    ended = run_cli(command, "case.yml", cwd=tmp_path)

    assert (ended.code, ended.out) == (2, "")
    assert "case.yml" in ended.err


def test_after_a_failed_case_the_next_one_runs_all_its_rows(tmp_path: Path) -> None:
    check = {"eq": ["status_code", 500]}
    failing = case_of(posting(1, validate=[check]), base_url=NOWHERE)
    (tmp_path / "first.yml").write_text(failing)
    rows = case_of(posting("$n"), parameters={"n": [1, 2, 3]})
    arguments = ("run", "-c", "first.yml", "case.yml", "--base-url", "$URL")
    ended, server = play(tmp_path, *arguments, script={b"/": OK}, case=rows)

    assert [asked.body for asked in server.asked] == [b"1", b"1", b"2", b"3"]
    # The failure counts even though the run goes on after it.
    assert ended.code == 1


def test_equal_step_names_of_two_cases_are_two_rows(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yml").write_text(
            case_of(posting(1), name=name, weight=1, base_url=NOWHERE)
        )
    arguments = ("boom", ".", "-i", "8", "--seed", "1", "--no-out", "--json", "report.json")
    ended, _ = play(tmp_path, *arguments, "--base-url", "$URL", script={b"/": OK})
    report = read_report(tmp_path / "report.json")

    assert ended.code == 0, ended
    assert [(step["case"], step["name"]) for step in report["steps"]] == [
        ("one", "s"),
        ("two", "s"),
    ]
    assert sum(step["ok"] for step in report["steps"]) == 8


def test_failures_of_one_check_are_one_row_whatever_the_values(bench: Bench) -> None:
    check = {"eq": ["body.n", "$n"]}
    case = case_of(posting(1, validate=[check]), parameters={"n": [1, 2, 2, 3]})
    outcome, _ = bench.load(case, {b"/": json_answer(b'{"n": 1}')}, load=Load(iterations=4))

    assert errors_of(outcome) == [("check", "s", 3)]


@pytest.mark.parametrize("text", ["200/1", "A", "1/1s/"])
def test_an_increase_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "case.yml").write_text(case_of(posting(1)))
    ended = run_cli("boom", "case.yml", "--request-increase-rate", text, cwd=tmp_path)

    assert (ended.code, ended.out) == (2, "")
    assert "not an increase" in " ".join(ended.err.split())


def test_integers_of_a_recording_stay_integers(tmp_path: Path) -> None:
    body = {"mimeType": "application/json", "text": '{"n": 1, "price": 2.5}'}
    request = {"method": "POST", "url": "http://h/x", "headers": [], "postData": body}
    answer = {"status": 200, "headers": [], "content": {}}
    entry = {"startedDateTime": "2026-01-01T00:00:00Z", "request": request, "response": answer}
    (tmp_path / "made.har").write_text(json.dumps({"log": {"entries": [entry]}}))
    ended = run_cli("convert", "made.har", "-o", "cases", cwd=tmp_path)
    (case,) = load_cases([tmp_path / "cases" / "made.yml"]).cases
    (step,) = case.steps

    assert ended.code == 0, ended
    assert isinstance(step, RequestStep)
    assert step.body is not None
    assert repr(step.body.value) == "{'n': 1, 'price': 2.5}"
    assert [repr(check.expect.value) for check in step.validate] == ["200"]
