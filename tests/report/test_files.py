"""Test a URL without a case file, and result files for other programs."""

from __future__ import annotations

import csv
from pathlib import Path
from xml.etree import ElementTree

from boomtalk.examples.target import TargetProcess

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import read_report, run_cli

CASE = """
config: {name: "=mixed"}
teststeps:
  - {name: good, request: {method: GET, url: /}, validate: [{eq: [status_code, 200]}]}
  - {name: t, transaction: {name: span, type: start}}
  - name: "a,\\"b\\u0007<"
    request: {method: GET, url: /status/418}
    validate: [{eq: [status_code, 200]}]
"""


def test_a_url_is_load_tested_without_a_case(target: TargetProcess, tmp_path: Path) -> None:
    report_path = tmp_path / "report.json"
    url = f"{target.url}/echo?price=$5&x=%2F"
    ended = run_cli("boom", url, "-i", "20", "-u", "2", "--no-out", "--json", report_path)
    assert ended.code == 0, ended
    report = read_report(report_path)
    check_accounting(report, server_requests=target.stats()["requests"])
    assert report["accounting"]["ok"] == 20, report["errors"]
    assert report["steps"][0]["type"] == "request-GET"
    ended = run_cli("boom", f"{target.url}/status/503", "-i", "1", "--no-out", "--fail-on-error")
    assert ended.code == 1, ended


def test_csv_and_junit_tell_what_the_report_tells(target: TargetProcess, tmp_path: Path) -> None:
    case = tmp_path / "case.yml"
    case.write_text(CASE)
    report_path, table, junit = (tmp_path / name for name in ("r.json", "r.csv", "r.xml"))
    seconds = tmp_path / "seconds.csv"
    flags = ("--json", report_path, "--csv", table, "--junit", junit, "--no-out")
    flags += ("--csv-seconds", seconds)
    rules = ("--threshold", "p(95)<60s", "--threshold", "error_rate<1%")
    ended = run_cli("boom", case, "--base-url", target.url, "-i", "3", *flags, *rules)
    assert ended.code == 1, ended
    report = read_report(report_path)
    with table.open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        *["case", "name", "type", "issued", "ok", "failed", "cancelled", "not_issued", "rate"],
        *["min_ms", "mean_ms", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms"],
    ]
    assert [row["case"] for row in rows] == ["'=mixed"] * 4, "no formula for a spreadsheet"
    assert [row["name"] for row in rows] == ["good", 'a,"b\x07<', "span", "Action"]
    for row, step in zip(rows, report["steps"], strict=False):
        assert int(row["issued"]) == step["issued"]
        assert float(row["p95_ms"]) == step["latency_ms"]["p95"]
    with seconds.open() as file:
        lines = list(csv.DictReader(file))
    assert [line.keys() for line in lines] == [second.keys() for second in report["seconds"]]
    assert sum(int(line["ok"]) for line in lines) == report["accounting"]["ok"]
    root = ElementTree.parse(junit).getroot()
    verdicts = {
        case.get("name"): case.find("failure") is None
        for case in root.iter("testcase")
        if case.get("classname") == "threshold"
    }
    assert verdicts == {"p(95)<60s": True, "error_rate<1%": False}
    assert (root.get("tests"), root.get("failures")) == ("4", "2")
    (failure,) = (node for node in root.iter("failure") if node.text)
    assert "3 x check: status_code" in (failure.text or "")


def test_of_several_cases_the_table_says_which_step_is_whose(
    target: TargetProcess, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        (tmp_path / f"{name}.yml").write_text(CASE.replace('"=mixed"', name))
    flags = ("--base-url", target.url, "-i", "8", "--no-out", "--plain")
    alone = run_cli("boom", tmp_path / "first.yml", *flags)
    both = run_cli("boom", tmp_path / "first.yml", tmp_path / "second.yml", *flags)
    assert not [line for line in alone.out.splitlines() if "Action" in line and "first" in line]
    rows = [line.split()[1:3] for line in both.out.splitlines() if "Action" in line]
    assert rows == [["Action", "first"], ["Action", "second"]]
