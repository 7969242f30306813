"""Test that the trials of `find-limit` run like a load test with the same flags."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from boomtalk.commands.program import app
from typer.main import get_command

from tests.support.boomtalk_cli import Ended, run_cli
from tests.support.load_runs import GET
from tests.support.processes import Auditor
from tests.support.timed_server import TimedServer

ONE_TRIAL = ("--from", "10/s", "--to", "10/s", "--step", "1s")
CALL = "config: {name: c}\nteststeps: [{request: {method: GET, url: '/${call()}'}}]\n"


def search(
    folder: Path, url: str, case: str, *flags: object
) -> tuple[Ended, dict[str, Any] | None]:
    """Run one search; return its result and the first point of its curve, if there is one."""
    path, report = folder / "case.yml", folder / "limit.json"
    path.write_text(case)
    words = ("find-limit", path, "--base-url", url, *ONE_TRIAL, "--json", report, *flags)
    ended = run_cli(*map(str, words))
    points = json.loads(report.read_text())["trials"] if report.exists() else []
    return ended, points[0] if points else None


def test_a_search_takes_every_target_and_plugin_flag_of_boom() -> None:
    group: Any = get_command(app)
    names = {
        name: {
            word
            for one in group.get_command(None, name).params
            for word in one.opts
            if word.startswith("--")
        }
        for name in ("boom", "check", "find-limit")
    }
    wanted = "base-url env env-file insecure cacert cert key proxy unix-socket timeout max-users"
    wanted += " no-keepalive no-compression keep-cookies max-connections seed on-data-end"
    wanted += " on-plugin-loss"
    # `check` takes target and plugin flags, but none for the load.
    shared = names["check"] & names["boom"] | {f"--{word}" for word in wanted.split()}
    assert shared <= names["boom"]
    assert shared - names["find-limit"] == set()
    assert {"--plugin-memory", "--on-plugin-loss", "--python"} < shared


def test_a_timeout_of_the_search_is_that_of_its_requests(
    tmp_path: Path, timed: TimedServer
) -> None:
    case = GET.format(url="/ms/900")
    _, point = search(tmp_path, timed.url, case, "--timeout", "50ms")
    assert point is not None
    assert point["error_rate"] == 1
    assert point["broken"] == ["error_rate<1%"]


def test_without_keepalive_each_request_of_a_trial_has_its_connection(
    tmp_path: Path, timed: TimedServer
) -> None:
    ended, _ = search(tmp_path, timed.url, GET.format(url="/"), "--no-keepalive")
    assert ended.code == 0, ended
    seen = len(timed.log())
    # The requests for the log and for the number used connections, too.
    assert timed.stats()["connections"] >= seen > 0


def test_connections_of_a_trial_are_limited(tmp_path: Path, timed: TimedServer) -> None:
    case = GET.format(url="/ms/150")
    ended, _ = search(tmp_path, timed.url, case, "--max-connections", "1", "--max-users", "9")
    assert ended.code == 0, ended
    log = sorted((one["arrived"], one["answered"]) for one in timed.log() if one["answered"])
    assert len(log) > 2
    assert all(end <= begin for (_, end), (begin, _) in pairwise(log))


def test_a_plugin_that_is_given_up_ends_the_search_with_exit_3(
    tmp_path: Path, timed: TimedServer, no_leftovers: Auditor
) -> None:
    (tmp_path / "debugtalk.py").write_text("import os\ndef call(): os._exit(9)\n")
    ended, point = search(tmp_path, timed.url, CALL, "--to", "1000/s", "--step", "20s")
    assert ended.code == 3, ended
    assert "given up" in ended.err
    assert point is not None
    assert point["held"] is False
    assert timed.log() == []


def test_a_call_of_a_trial_has_the_time_limit_that_was_asked_for(
    tmp_path: Path, timed: TimedServer, no_leftovers: Auditor
) -> None:
    (tmp_path / "debugtalk.py").write_text("import time\ndef call(): time.sleep(9)\n")
    flags = ("--plugin-timeout", "50ms", "--quiet")
    ended, point = search(tmp_path, timed.url, CALL, *flags)
    assert ended.code == 0, ended
    assert ended.out == ""
    assert point is not None
    assert point["error_rate"] == 1
    assert timed.log() == []


@pytest.mark.parametrize(("flags", "held"), [((), False), (("--on-data-end", "recycle"), True)])
def test_rows_that_end_are_dealt_again_only_if_asked_for(
    flags: tuple[str, ...], held: bool, tmp_path: Path, timed: TimedServer
) -> None:
    case = GET.format(url='"/$n"').replace(
        "name: one", "name: one, parameters: {n: [a, b]}, parameters_setting: {pick_order: unique}"
    )
    ended, point = search(tmp_path, timed.url, case, *flags)
    assert ended.code == 0, ended
    assert point is not None
    # On a busy machine late starts may be dropped as well.
    assert ("the unique rows were used up" in point["broken"]) is not held
    assert point["held"] is (point["broken"] == [] and point["dropped"] == 0)


@pytest.mark.parametrize("rules", [[], ["p(95)<60s"], ["p(95)<60s", "rate>=0"]])
def test_a_rate_at_which_requests_fail_does_not_hold(
    rules: list[str], tmp_path: Path, timed: TimedServer
) -> None:
    case = GET.format(url="/").replace("}}]", "}, validate: [{eq: [status_code, 299]}]}]")
    flags = [word for rule in rules for word in ("--threshold", rule)]

    ended, point = search(tmp_path, timed.url, case, *flags, "--to", "10/s")

    assert ended.code == 0, ended
    assert point is not None
    assert (point["held"], point["error_rate"], point["broken"]) == (False, 1, ["error_rate<1%"])
    assert ", ".join([*rules, "error_rate<1%"]) in ended.out
    conclusion = "no rate held: every check `status_code eq 299` failed: got 200"
    assert ended.out.splitlines()[-1] == conclusion


@pytest.mark.parametrize("rule", ["error_rate<=100%", "failed>=0"])
def test_a_rule_on_errors_replaces_the_one_that_is_added(
    rule: str, tmp_path: Path, timed: TimedServer
) -> None:
    case = GET.format(url="/").replace("}}]", "}, validate: [{eq: [status_code, 299]}]}]")

    ended, point = search(tmp_path, timed.url, case, "--threshold", rule)

    assert point is not None
    assert point["broken"] == []
    assert "error_rate<1%" not in ended.out
