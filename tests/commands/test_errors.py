"""Test bad input: exit 2 (3 for a plugin), a short message, no traceback, nothing sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import Ended, read_report, run_cli
from tests.support.processes import Auditor

GOOD = "config: {name: ok}\nteststeps:\n  - name: one\n    request: {method: GET, url: /}\n"

BAD_CASES = {
    "broken YAML": ("config:\n  name: [x\n", ["case.yml:3"]),
    "not a case": ("- 1\n- 2\n", ["case.yml"]),
    "a step without a kind": (
        "config: {name: x}\nteststeps:\n  - name: lost\n    requst: {method: GET, url: /}\n",
        ["case.yml:3", "lost", "request"],
    ),
    "a wrong type": (
        "config: {name: x}\nteststeps:\n  - name: one\n    request: [GET, /]\n",
        ["case.yml:4", "'one'", "request"],
    ),
    "an unknown function": (
        GOOD.replace("url: /", 'url: "/${gen_random_strng(3)}"'),
        ["case.yml:4", "'one'", "gen_random_strng", "did you mean gen_random_string?"],
    ),
    "an undefined variable": (
        GOOD.replace("{name: ok}", "{name: x, variables: {token: 1}}").replace("/}", '"/$tokn"}'),
        ["case.yml:4", "'one'", "tokn", "token"],
    ),
    "an unknown assertion": (
        GOOD + "    validate: [{equls: [status_code, 200]}]\n",
        ["case.yml:5", "'one'", "equls", "equals"],
    ),
    "a path that is no JMESPath": (
        GOOD + '    validate: [{eq: ["body.[", 1]}]\n',
        ["case.yml:5", "'one'", "body.["],
    ),
    "a missing reference": (
        GOOD + "  - {name: two, testcase: nowhere.yml}\n",
        ["case.yml:5", "'two'", "nowhere.yml"],
    ),
}


def check(ended: Ended, target: TargetProcess, code: int, *wanted: str) -> None:
    assert ended.code == code, ended
    assert ended.out == ""
    for text in wanted:
        assert text in ended.err, ended
    assert len(ended.err.splitlines()) <= 30
    assert "boomtalk/engine" not in ended.err
    assert "Traceback" not in ended.err
    assert target.stats()["requests"] == 0


@pytest.mark.parametrize("name", BAD_CASES)
def test_a_bad_case_is_told_with_its_place(
    name: str, target: TargetProcess, no_leftovers: Auditor, tmp_path: Path
) -> None:
    text, wanted = BAD_CASES[name]
    case = tmp_path / "case.yml"
    case.write_text(text)
    ended = run_cli("boom", case, "--base-url", target.url, "-i", "1", "--no-out")
    check(ended, target, 2, *wanted)


BAD_PLUGINS = {
    "a syntax error": ("def f(:\n", ["debugtalk.py:1", "SyntaxError"]),
    "an import that fails": ("\nimport no_such_module\n", ["debugtalk.py:2", "no_such_module"]),
    "an exit": ("import sys\nsys.exit(7)\n", ["debugtalk.py", "7"]),
    "a death": ("import os\nos._exit(7)\n", ["debugtalk.py", "7"]),
}


@pytest.mark.parametrize("name", BAD_PLUGINS)
def test_a_plugin_that_cannot_start_is_exit_3(
    name: str, target: TargetProcess, no_leftovers: Auditor, tmp_path: Path
) -> None:
    text, wanted = BAD_PLUGINS[name]
    (tmp_path / "debugtalk.py").write_text(text)
    case = tmp_path / "case.yml"
    case.write_text(GOOD)
    ended = run_cli("boom", case, "--base-url", target.url, "-i", "1", "--no-out")
    check(ended, target, 3, *wanted)


def test_all_problems_of_a_file_are_told_at_once(target: TargetProcess, tmp_path: Path) -> None:
    case = tmp_path / "case.yml"
    case.write_text(
        "config: {name: x}\nteststeps:\n"
        '  - {name: one, request: {method: GET, url: "/$nope"}}\n'
        '  - {name: and, request: {method: GET, url: "/${nofn()}"}}\n'
        '  - {name: two, request: {method: GET, url: "/$nada"}}\n'
    )
    ended = run_cli("boom", case, "--base-url", target.url, "-i", "1", "--no-out")
    check(ended, target, 2, "nope", "nofn", "nada", "'one'", "'two'")


def test_an_unknown_key_is_a_warning_and_one_close_to_a_known_key_is_refused(
    target: TargetProcess, tmp_path: Path
) -> None:
    case = tmp_path / "case.yml"
    case.write_text(GOOD.replace("method:", "owner: me, method:"))
    ended = run_cli("boom", case, "--base-url", target.url, "-i", "1", "--no-out")
    assert ended.code == 0, ended
    assert "case.yml:4" in ended.err
    assert "owner" in ended.err

    target.reset()
    case.write_text(GOOD.replace("method:", "heders: {A: b}, method:"))
    ended = run_cli("boom", case, "--base-url", target.url, "-i", "1", "--no-out")
    check(ended, target, 2, "case.yml:4", "heders", "did you mean headers?")


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [
        (("-u", "0"), "--users"),
        (("-u", "ten"), "'ten' is not a whole number"),
        (("-r", "fast"), "'fast' is not a number"),
        (("-r", "inf"), "'inf' is not a number"),
        (("--max-rps", "nan"), "'nan' is not a number"),
        (("--arrival-rate", "9" * 400 + "/s"), "not a rate"),
        (("-s", "10s:" + "9" * 400 + "/s"), "not a rate"),
        (("-d", "9" * 400), "not a duration"),
        (("-d", "0.5x"), "write 30s"),
        (("-i", "-3"), "--iterations"),
        (("-s", "10s:50", "-s", "10s:5/s"), "mixed"),
        (("--on-plugin-loss", "ignore"), "stop or continue"),
        (("--log-level", "loud"), "debug, info"),
        (("-e", "novalue"), "KEY=VALUE"),
        (("--threshold", "p95<3"), "p(95)<300"),
        (("--no-such-flag",), "--no-such-flag"),
        (("--base-url", "localhost:8080"), "write http://localhost:8080"),
    ],
)
def test_wrong_flags_say_what_would_be_right(
    flags: tuple[str, ...], wanted: str, target: TargetProcess, tmp_path: Path
) -> None:
    case = tmp_path / "case.yml"
    case.write_text(GOOD)
    check(run_cli("boom", case, "--base-url", target.url, *flags), target, 2, wanted)


def test_a_file_that_is_not_there_is_named(target: TargetProcess, tmp_path: Path) -> None:
    ended = run_cli("boom", tmp_path / "missing.yml", "--base-url", target.url)
    check(ended, target, 2, "missing.yml")
    assert "http" not in ended.err


@pytest.mark.parametrize("text", ["127.0.0.1:8080", "localhost:80/x", "ftp://host/", "http:/host"])
def test_what_was_to_be_a_url_is_told_how_one_begins(text: str, target: TargetProcess) -> None:
    check(run_cli("boom", text, "-i", "1"), target, 2, "begins with http:// or https://")


def test_a_relative_url_without_a_base_is_known_before_the_load(
    target: TargetProcess, tmp_path: Path
) -> None:
    case = tmp_path / "case.yml"
    case.write_text(GOOD)
    ended = run_cli("boom", case, "-i", "1", "--no-out")
    check(ended, target, 2, "case.yml:4", "'one'", "--base-url")


def test_a_function_that_raises_shows_the_users_frames_once(
    target: TargetProcess, tmp_path: Path
) -> None:
    (tmp_path / "debugtalk.py").write_text(
        "def inner(x):\n    return x['missing']\n\n\ndef outer(x):\n    return inner({})\n"
    )
    case = tmp_path / "case.yml"
    case.write_text(GOOD.replace("url: /", 'url: "/${outer(1)}"'))
    report_path = tmp_path / "report.json"
    flags = ("-i", "5", "--no-out", "--json", report_path)
    ended = run_cli("boom", case, "--base-url", target.url, *flags)
    assert ended.code == 0, ended
    assert ended.err.count("line 2, in inner") == 1, "told once, not five times"
    assert "KeyError" in ended.err
    (error,) = read_report(report_path)["errors"]
    assert error["count"] == 5
    assert "line 6, in outer" in error["traceback"]
    assert "child.py" not in error["traceback"] + ended.err
