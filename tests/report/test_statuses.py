"""Test that responses are counted by status code, per step, in every output."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from boomtalk.engine.report.statuses import is_telling, status_text
from boomtalk.examples.target import target_process

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import read_report, run_cli

CASE = """
config: {name: shop}
teststeps:
  - {name: home, request: {method: GET, url: /}}
  - {name: moved, request: {method: GET, url: /redirect/2}}
  - {name: gone, request: {method: GET, url: /status/404}}
  - {name: down, request: {method: GET, url: "${base()}/"}}
"""
STATUS = {"200": 60, "404": 30}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with every output of one run; its last step finds no server."""
    folder = tmp_path_factory.mktemp("statuses")
    (folder / "case.yml").write_text(CASE)
    (folder / "debugtalk.py").write_text("def base():\n    return 'http://127.0.0.1:9'\n")
    flags = ("--json", "r.json", "--markdown", "r.md", "--html", "r.html", "--out", "out")
    with target_process() as target:
        words = ("boom", "case.yml", "--base-url", target.url, "-u", "3", "-i", "30", *flags)
        ended = run_cli(*words, cwd=folder)
    assert ended.code == 0, ended
    (folder / "screen.txt").write_text(ended.out)
    return folder


def test_the_report_counts_the_last_response_of_each_request(results: Path) -> None:
    report = read_report(results / "r.json")

    check_accounting(report)
    assert {step["name"]: step["status"] for step in report["steps"]} == {
        "home": {"200": 30},
        "moved": {"200": 30},
        "gone": {"404": 30},
        "down": {},
    }
    assert report["total"]["status"] == STATUS


def test_people_see_the_codes(results: Path) -> None:
    lines = (results / "screen.txt").read_text().splitlines()
    markdown = (results / "r.md").read_text()

    assert [line.strip() for line in lines if line.startswith("status ")] == [
        "status      200: 60  404: 30"
    ]
    assert "- responses by status code: 200: 60, 404: 30" in markdown
    assert re.search(r"^\| gone \|.*\| 404: 30 \|$", markdown, re.MULTILINE)


def test_the_slices_of_the_page_add_up_to_the_codes(results: Path) -> None:
    data = (results / "r.html").read_text().split('id="content">')[1].split("</script>")[0]

    found: dict[str, int] = {}
    for step in json.loads(data)["timeline"]["steps"]:
        for one in step["slices"]:
            for code, number in one[9].items():
                found[code] = found.get(code, 0) + number

    assert found == STATUS


def test_the_record_of_a_killed_run_has_the_codes(results: Path, tmp_path: Path) -> None:
    (tmp_path / "record.jsonl").write_bytes((results / "out" / "record.jsonl").read_bytes())

    ended = run_cli("report", tmp_path, "--json", tmp_path / "again.json")

    assert ended.code == 0, ended
    assert read_report(tmp_path / "again.json")["total"]["status"] == STATUS


@pytest.mark.parametrize(
    ("status", "telling", "text"),
    [
        (None, False, ""),  # a report from before codes were counted
        ({}, False, ""),
        ({"200": 5}, False, "200: 5"),
        ({"404": 5}, True, "404: 5"),
        ({"503": 4, "200": 12345}, True, "200: 12 345  503: 4"),
    ],
)
def test_codes_are_shown_where_they_tell_something(
    status: dict[str, int] | None, telling: bool, text: str
) -> None:
    assert (is_telling(status), status_text(status)) == (telling, text)
