"""Test rows that users keep: a user without a row fails, the others go on."""

from __future__ import annotations

from pathlib import Path

from boomtalk.examples.target import TargetProcess

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import read_report
from tests.support.terminal import on_terminal

CASE = """
config:
  name: accounts
  parameters: {account: [1, 2, 3]}
  parameters_setting: {pick_order: unique, per: user}
teststeps:
  - {name: own page, request: {method: GET, url: "/echo/$account"}}
  - {name: pause, think_time: 0.02}
"""


def test_a_user_added_by_hand_when_all_rows_are_taken_fails_alone(
    target: TargetProcess, tmp_path: Path
) -> None:
    case, out = tmp_path / "case.yml", tmp_path / "out"
    case.write_text(CASE)
    arguments = ("boom", case, "--base-url", target.url, "-u", "3", "--out", out)
    with on_terminal(120, 40, *arguments) as terminal:
        terminal.wait_for("3/3 users")
        terminal.press("+")
        terminal.wait_for("4/4 users")
        terminal.press("f")
        terminal.wait_for("all 3 rows of account were used")
        terminal.press("q")
        assert terminal.wait() == 130
    report = read_report(out / "report.json")
    check_accounting(report, server_requests=target.stats()["requests"], cut=True)
    (error,) = report["errors"]
    assert (error["kind"], error["detail"]) == ("other", "data")
    assert report["iterations"]["failed"] == report["accounting"]["not_issued"] == error["count"]
    assert report["accounting"]["failed"] == 0
    (parameters,) = report["parameters"]
    assert parameters["rows"] == 3, parameters
