"""Test the tools of the tests: a check that cannot fail proves nothing."""

from __future__ import annotations

import copy
import os
import runpy
import subprocess
import sys
from typing import Any

import pytest
from boomtalk.examples import DEMO, DEMO_CASE, shop
from boomtalk.examples.target import TargetProcess

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import read_report, run_cli
from tests.support.processes import Auditor
from tests.support.waiting import wait_until

SLEEPER = [sys.executable, "-c", "import sys; sys.stdin.read()"]


@pytest.fixture(scope="module")
def real_report(_running_target: TargetProcess, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the report of a short run of the demo project, and the target's counts."""
    _running_target.reset()
    path = tmp_path_factory.mktemp("run") / "report.json"
    flags = ["--base-url", _running_target.url, "-u", "3", "-i", "9", "--no-out", "--plain"]
    ended = run_cli("boom", DEMO_CASE, *flags, "--json", path)
    assert ended.code == 0, ended
    return read_report(path), _running_target.stats()["requests"]


def test_a_run_of_the_demo_project_is_accounted_for_without_a_failure(real_report: Any) -> None:
    report, counted = real_report
    check_accounting(report, counted)
    assert report["accounting"]["ok"] == counted == 9 * 6
    assert [plugin["path"].split("/")[-2:] for plugin in report["plugins"]] == [
        ["demo", "debugtalk.py"]
    ]


@pytest.mark.parametrize(
    "where",
    [
        ("accounting", "ok"),
        ("accounting", "in_flight"),
        ("accounting", "cancelled"),
        ("iterations", "started"),
        ("iterations", "interrupted"),
        ("steps", 0, "issued"),
        ("steps", 0, "failed"),
        ("total", "not_issued"),
        ("seconds", 0, "ok"),
        ("plugins", 0, "calls"),
        ("wire", "requests"),
    ],
)
def test_one_request_too_many_anywhere_is_noticed(real_report: Any, where: tuple[Any, ...]) -> None:
    report, counted = copy.deepcopy(real_report)
    place = report
    for key in where[:-1]:
        place = place[key]
    place[where[-1]] += 1
    with pytest.raises(AssertionError):
        check_accounting(report, counted)


@pytest.mark.parametrize("counted_more", [-54, 1])
def test_after_a_cut_the_server_has_seen_the_answered_and_not_more_than_was_written(
    real_report: Any, counted_more: int
) -> None:
    report, counted = real_report
    check_accounting(report, counted, cut=True)
    with pytest.raises(AssertionError, match="wire"):
        check_accounting(report, counted + counted_more, cut=True)


def test_the_audit_finds_a_process_that_left_its_group_and_ends_it() -> None:
    auditor = Auditor()
    environment = {**os.environ, **auditor.environment}
    with subprocess.Popen(
        SLEEPER, stdin=subprocess.PIPE, env=environment, start_new_session=True
    ) as sleeper:
        # Its command line is empty for a moment after it has begun.
        found = wait_until(lambda: auditor.running("stdin.read"), "the sleeper")
        assert [process.pid for process in found] == [sleeper.pid]
        with pytest.raises(AssertionError, match="left behind"):
            auditor.assert_none_left(timeout=0.1)
    assert auditor.running() == []


def test_the_example_project_signs_as_the_shop_expects() -> None:
    names = runpy.run_path(str(DEMO / "debugtalk.py"))
    signature = names["sign"](shop.SECRET, "GET", "/api/profile", "token")
    assert signature == shop.sign("GET", "/api/profile", "token")
