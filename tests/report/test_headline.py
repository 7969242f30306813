"""Test that the headline of a run says what happened to its requests, with colour and reason."""

from __future__ import annotations

from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from boomtalk.engine.report.headline import headline_of
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import read_report, run_cli
from tests.support.terminal import on_terminal

CASE = """
config: {{name: one}}
teststeps:
  - {{name: ask, request: {{method: GET, url: {url}}}, validate: [{{eq: [status_code, 200]}}]}}
"""
REFUSED = {"kind": "connect", "detail": "refused", "message": "127.0.0.1:9: Connection refused"}
CHECK = {
    "kind": "check",
    "detail": "",
    "check": "status_code eq 200",
    "message": "status_code eq 200: got 503",
    "examples": ["status_code eq 200: got 503", "status_code eq 200: got 500"],
}

DOWN = "target refuses connections at 127.0.0.1:9: is it running?"
CAME = "check `status_code eq 200` failed: got 503, got 500"


def report(ok: int, *errors: tuple[int, Mapping[str, Any]], **changed: Any) -> dict[str, Any]:
    """Return the parts of a report that its headline is made from."""
    failed = sum(count for count, _ in errors)
    counts = {"issued": ok + failed, "ok": ok, "failed": failed, "cancelled": 0, "not_issued": 0}
    return {
        "exit_code": 0,
        "stopped_by": "duration",
        "thresholds": [],
        "accounting": counts,
        "iterations": {"started": ok + failed, "dropped": 0},
        "errors": [{**error, "count": count} for count, error in errors],
        "steps": [{"case": "one"}],
        **changed,
    }


def nothing(**changed: Any) -> dict[str, Any]:
    return report(0, **{"iterations": {"started": 0, "dropped": 0}, **changed})


@pytest.mark.parametrize(
    ("told", "state", "words"),
    [
        (report(5), "passed", "Completed"),
        (report(5, thresholds=[{"passed": True}]), "passed", "Passed"),
        (report(5, stopped_by="killed", exit_code=None), "open", "Killed"),
        (
            report(0, (757, REFUSED)),
            "failed",
            f"All 757 requests failed: {DOWN}",
        ),
        (
            report(0, (4, CHECK)),
            "failed",
            f"All 4 requests failed: every {CAME}",
        ),
        (
            report(0, (3, CHECK), (1, REFUSED)),
            "failed",
            f"All 4 requests failed: {CAME} (75.0 % of the failures)",
        ),
        (
            report(0, (1, {"kind": "dns", "detail": "", "message": "no.invalid: not known"})),
            "failed",
            "The only request failed: host name not found: no.invalid (not known)",
        ),
        (
            report(0, (2, {**REFUSED, "check": "", "examples": ["a: no", "b: no"]})),
            "failed",
            f"All 2 requests failed: {DOWN} (one of several messages)",
        ),
        (
            report(745, (12, REFUSED)),
            "open",
            f"Completed; 12 of 757 requests failed (1.6 %): {DOWN}",
        ),
        (
            report(3, (1, REFUSED), thresholds=[{"passed": False}], exit_code=1),
            "failed",
            f"Failed: 1 of 1 thresholds broken; 1 of 4 requests failed (25.0 %): {DOWN}",
        ),
        (
            report(0, (2, REFUSED), exit_code=130),
            "failed",
            f"Interrupted; all 2 requests failed: {DOWN}",
        ),
        (nothing(), "open", "Completed; nothing was sent: no iteration began"),
        (
            nothing(iterations={"started": 0, "dropped": 7}),
            "open",
            "Completed; nothing was sent: no iteration began, 7 were dropped",
        ),
        (
            nothing(iterations={"started": 3}, steps=[]),
            "open",
            "Completed; nothing was sent: the cases have no requests",
        ),
        (
            nothing(
                accounting={"issued": 0, "ok": 0, "failed": 0, "cancelled": 0, "not_issued": 3},
                errors=[{"kind": "template", "detail": "", "message": "$x", "count": 3}],
            ),
            "failed",
            "Nothing was sent: 3 failures: template: $x",
        ),
        (
            report(100_000, (1, REFUSED)),
            "open",
            f"Completed; 1 of 100 001 requests failed (< 0.1 %): {DOWN}",
        ),
        (
            report(1, (100_000, REFUSED)),
            "open",
            f"Completed; 100 000 of 100 001 requests failed (> 99.9 %): {DOWN}",
        ),
    ],
)
def test_the_headline_says_what_happened(told: dict[str, Any], state: str, words: str) -> None:
    assert headline_of(told) == (state, words)


def test_a_target_that_is_down_is_told_in_every_output(tmp_path: Path) -> None:
    (tmp_path / "case.yml").write_text(CASE.format(url="/"))
    names = ("json", "junit", "html", "markdown")
    flags = [word for name in names for word in (f"--{name}", f"results.{name}")]
    words = ("boom", "case.yml", "--base-url", "http://127.0.0.1:9", "-i", "20", "--out", "out")

    ended = run_cli(*words, *flags, cwd=tmp_path)

    headline = f"All 20 requests failed: {DOWN}"
    assert ended.code == 0, ended
    assert headline in " ".join(ended.out.split())
    assert "limited_by=connections" not in ended.out
    report = read_report(tmp_path / "results.json")
    assert (report["exit_code"], report["health"]["limited_by"]) == (0, "none")
    assert f"### ❌ one: {headline}" in unescape((tmp_path / "results.markdown").read_text())
    page = (tmp_path / "results.html").read_text()
    assert f'"headline":{{"state":"failed","text":"{headline}"' in page
    suite = ElementTree.parse(tmp_path / "results.junit").getroot()
    assert suite.findtext("system-out") == headline
    assert suite.find("properties/property[@name='headline']") is not None
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")


def test_a_step_that_was_never_sent_is_not_a_pass_in_junit(
    target: TargetProcess, tmp_path: Path
) -> None:
    case = CASE.format(url="/status/503") + "  - {name: later, request: {method: GET, url: /}}\n"
    (tmp_path / "case.yml").write_text(case)
    words = ("boom", "case.yml", "--base-url", target.url, "-i", "3", "--no-out", "--junit", "j")

    ended = run_cli(*words, cwd=tmp_path)

    assert "every check `status_code eq 200` failed: got 503" in " ".join(ended.out.split())
    suite = ElementTree.parse(tmp_path / "j").getroot()
    tags = {case.get("name"): [part.tag for part in case] for case in suite.iter("testcase")}
    assert tags == {"ask": ["failure"], "later": ["skipped"]}


@pytest.mark.parametrize(
    ("base", "second", "colour", "words"),
    [
        ("http://127.0.0.1:9", "/", "31", "All 4 requests failed"),
        ("", "/status/404", "33", "Completed; 4 of 8 requests failed (50.0 %)"),
        ("", "/", "32", "Completed"),
    ],
)
def test_the_colour_on_a_terminal_is_that_of_what_happened(
    base: str, second: str, colour: str, words: str, target: TargetProcess, tmp_path: Path
) -> None:
    checked = "validate: [{eq: [status_code, 200]}]"
    step = f"  - {{name: two, request: {{method: GET, url: {second}}}, {checked}}}\n"
    case = tmp_path / "case.yml"
    case.write_text(CASE.format(url="/") + step)
    flags = ("--base-url", base or target.url, "-i", "4", "--no-out")

    with on_terminal(120, 30, "boom", str(case), *flags) as terminal:
        assert terminal.wait() == 0

    shown = terminal.written.decode()
    assert f"\x1b[1;{colour}m{words}" in shown
    assert "limited by connections" not in shown or not base
