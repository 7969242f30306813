"""Test load tests end to end: a real case, a real debugtalk.py, a real target, the real program."""

from __future__ import annotations

import random
import re
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from boomtalk.examples import DEMO, DEMO_CASE
from boomtalk.examples.target import TargetProcess

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import Ended, read_report, run_cli, started
from tests.support.processes import Auditor
from tests.support.waiting import wait_until

PLUGIN = """
import os

def whoami():
    return {name!r}

def process():
    return os.getpid()

def add(a, b=1):
    return a + b
"""
CASE = """
config:
  name: {name}
teststeps:
  - name: ask
    variables: {{me: "${{whoami()}}", sum: "${{add(20, b=22)}}"}}
    request: {{method: POST, url: /echo, json: {{me: $me, sum: $sum, process: "${{process()}}"}}}}
    validate:
      - eq: [status_code, 200]
      - contains: [body.body, '"me":"{name}"']
      - contains: [body.body, '"sum":42']
"""
# More random moments of a signal, for `make test-extra`.
EXTRA = range(4, 30)


def project(folder: Path, name: str) -> Path:
    """Write a project; all projects have functions of the same names."""
    folder.mkdir()
    (folder / "debugtalk.py").write_text(PLUGIN.format(name=name))
    case = folder / "case.yml"
    case.write_text(CASE.format(name=name))
    return case


def boom(target: TargetProcess, report: Path, *arguments: str | Path) -> tuple[str | Path, ...]:
    fixed = ("boom", "--base-url", target.url, "--json", report, "--no-out", "--plain")
    return (*fixed, *arguments)


def test_a_thousand_users_share_one_plugin_process_and_lose_nothing(
    target: TargetProcess, no_leftovers: Auditor, tmp_path: Path
) -> None:
    report_path = tmp_path / "report.json"
    arguments = boom(target, report_path, DEMO_CASE, "-u", "1000", "--loops", "2")
    with started(arguments, env=no_leftovers.environment) as running:
        wait_until(no_leftovers.plugins, "the plugin process")
        seen: set[int] = set()
        most = 0
        while running.is_running():
            alive = no_leftovers.plugins()
            most = max(most, len(alive))
            seen.update(process.pid for process in alive)
            time.sleep(0.2)
        ended = running.wait()
    assert ended.code == 0, ended
    assert (most, len(seen)) == (1, 1)
    report = read_report(report_path)
    check_accounting(report, server_requests=target.stats()["requests"])
    assert report["accounting"]["failed"] == report["accounting"]["not_issued"] == 0, report[
        "errors"
    ]
    assert report["load"]["never_started"] == 0
    assert report["iterations"]["completed"] == 2000
    assert report["processes"]["plugins_peak"] == 1
    assert [plugin["starts"] for plugin in report["plugins"]] == [1]
    assert report["plugins"][0]["calls"] == report["plugins"][0]["ok"] > 1000


@pytest.mark.parametrize(
    "round_", [*range(4), *(pytest.param(round_, marks=pytest.mark.extra) for round_ in EXTRA)]
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_any_moment_leaves_numbers_that_add_up(
    number: signal.Signals,
    round_: int,
    target: TargetProcess,
    tmp_path: Path,
    no_leftovers: Auditor,
) -> None:
    chance = random.Random(20261123 + 100 * round_ + number)
    code = 130 if number == signal.SIGINT else 143
    report_path = tmp_path / "report.json"
    grace = chance.choice(["0.02", "0.5", "5s"])
    arguments = boom(target, report_path, DEMO_CASE, "-u", "50", "--graceful-stop", grace)
    moment = chance.uniform(0.0, 1.2)
    with started(arguments, env=no_leftovers.environment) as running:
        wait_until(lambda: target.stats()["requests"], "the first request")
        time.sleep(moment)
        running.send(number)
        ended = running.wait()
    assert ended.code == code, f"{grace=} {moment=} {ended}"
    report = read_report(report_path)
    assert (report["stopped_by"], report["exit_code"]) == ("signal", code)
    check_accounting(report, server_requests=target.stats()["requests"], cut=True)


def test_a_second_interrupt_cuts_what_is_in_flight_and_still_reports(
    target: TargetProcess, no_leftovers: Auditor, tmp_path: Path
) -> None:
    case = tmp_path / "slow.yml"
    case.write_text(
        "config: {name: slow}\nteststeps:\n"
        "  - {name: wait, request: {method: GET, url: /delay/20}}\n"
    )
    report_path = tmp_path / "report.json"
    arguments = boom(target, report_path, case, "-u", "20")
    with started(arguments, env=no_leftovers.environment) as running:
        wait_until(lambda: target.stats()["requests"] == 20, "all users to be waiting")
        running.send(signal.SIGINT)
        running.wait_for("again to cut it")
        running.send(signal.SIGINT)
        ended = running.wait()
    assert ended.code == 130, ended
    report = read_report(report_path)
    check_accounting(report, server_requests=target.stats()["requests"], cut=True)
    assert report["accounting"]["cancelled"] == 20
    assert report["iterations"]["interrupted"] == 20
    assert report["transactions"][0]["interrupted"] == 20


def test_projects_of_two_folders_have_a_process_each_and_their_own_answers(
    target: TargetProcess, no_leftovers: Auditor, tmp_path: Path
) -> None:
    cases = [project(tmp_path / name, name) for name in ("north", "south")]
    report_path = tmp_path / "report.json"
    arguments = boom(target, report_path, *cases, "-u", "10", "-i", "400")
    ended = run_cli(*arguments, env=no_leftovers.environment)
    assert ended.code == 0, ended
    report = read_report(report_path)
    check_accounting(report, server_requests=target.stats()["requests"])
    assert report["accounting"]["ok"] == 400, report["errors"]
    assert {step["case"] for step in report["steps"]} == {"north", "south"}
    assert len(report["plugins"]) == report["processes"]["plugins_peak"] == 2
    assert {plugin["starts"] for plugin in report["plugins"]} == {1}


@pytest.mark.parametrize(
    ("flags", "iterations", "stopped_by"),
    [
        (("-i", "137", "-u", "10"), 137, "iterations"),
        (("--loops", "100", "-u", "7"), 700, "iterations"),
        (("--loop-count", "3", "--spawn-count", "4", "--spawn-rate", "50"), 12, "iterations"),
        (("--arrival-rate", "50/s", "-d", "2s"), 100, "duration"),
        (("-s", "1s:20/s", "-s", "1s:0/s"), 20, "stages"),
    ],
)
def test_exactly_the_iterations_that_were_asked_for_are_run(
    flags: tuple[str, ...], iterations: int, stopped_by: str, target: TargetProcess, tmp_path: Path
) -> None:
    case = tmp_path / "one.yml"
    case.write_text("config: {name: one}\nteststeps: [{request: {method: GET, url: /}}]\n")
    report_path = tmp_path / "report.json"
    ended = run_cli(*boom(target, report_path, case, *flags))
    assert ended.code == 0, ended
    report = read_report(report_path)
    check_accounting(report, server_requests=target.stats()["requests"])
    counts = report["iterations"]
    assert counts["completed"] + counts["dropped"] == counts["planned"] == iterations
    assert report["stopped_by"] == stopped_by
    assert target.stats()["requests"] == counts["completed"]


def test_stuck_users_make_starts_drop_and_nothing_queue(
    target: TargetProcess, tmp_path: Path
) -> None:
    case = tmp_path / "stuck.yml"
    case.write_text("config: {name: s}\nteststeps: [{request: {method: GET, url: /delay/30}}]\n")
    report_path = tmp_path / "report.json"
    flags = ("--arrival-rate", "10/s", "--max-users", "5", "-d", "1s", "--graceful-stop", "0.1")
    ended = run_cli(*boom(target, report_path, case, *flags))
    assert ended.code == 0, ended
    report = read_report(report_path)
    check_accounting(report, server_requests=target.stats()["requests"], cut=True)
    assert report["iterations"]["started"] == report["iterations"]["interrupted"] == 5
    assert report["iterations"]["dropped_by"] == {"no_user": 5, "late": 0}
    assert report["load"]["peak_users"] == 5


def test_a_failing_check_is_counted_and_told(target: TargetProcess, tmp_path: Path) -> None:
    case = tmp_path / "bad.yml"
    case.write_text(
        "config: {name: bad}\nteststeps:\n"
        "  - {name: teapot, request: {method: GET, url: /status/418},"
        " validate: [{eq: [status_code, 200]}]}\n"
        "  - {name: never, request: {method: GET, url: /}}\n"
    )
    report_path = tmp_path / "report.json"
    ended = run_cli(*boom(target, report_path, case, "-i", "5", "--fail-on-error"))
    assert ended.code == 1, ended
    report = read_report(report_path)
    check_accounting(report, server_requests=target.stats()["requests"])
    steps = {step["name"]: step for step in report["steps"]}
    assert (steps["teapot"]["failed"], steps["never"]["issued"]) == (5, 0)
    (error,) = report["errors"]
    assert (error["kind"], error["step"], error["count"]) == ("check", "teapot", 5)
    assert "418" in error["message"]
    assert "418" in ended.out


def test_a_dead_target_is_told_as_refused(tmp_path: Path, target: TargetProcess) -> None:
    case = tmp_path / "one.yml"
    case.write_text("config: {name: one}\nteststeps: [{request: {method: GET, url: /}}]\n")
    report_path = tmp_path / "report.json"
    arguments = ("boom", case, "--base-url", "http://127.0.0.1:9", "-i", "3", "--no-out")
    ended = run_cli(*arguments, "--json", report_path)
    assert ended.code == 0, ended
    report = read_report(report_path)
    check_accounting(report, server_requests=0)
    (error,) = report["errors"]
    assert (error["kind"], error["detail"], error["count"]) == ("connect", "refused", 3)
    assert report["wire"]["requests"] == 0


def test_the_environment_reaches_the_plugin_and_e_wins(
    target: TargetProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(DEMO, folder)
    report_path = tmp_path / "report.json"
    arguments = boom(target, report_path, folder / "testcases" / "shop.yml", "-i", "2")
    assert run_cli(*arguments, "-e", "SHOP_SECRET=wrong").code == 0
    (error,) = read_report(report_path)["errors"]
    assert (error["kind"], error["count"]) == ("check", 2)
    assert "wrong" not in report_path.read_text()


def report_of(ended: Ended, path: Path) -> dict[str, Any]:
    assert ended.code == 0, ended
    return read_report(path)


def test_the_report_has_the_shape_scripts_rely_on(target: TargetProcess, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    arguments = boom(target, path, DEMO_CASE, "-u", "3", "-d", "1.5s", "--warmup", "0.5s")
    began = time.monotonic()
    report = report_of(run_cli(*arguments, "--name", "nightly", "--tag", "branch=main"), path)
    took = time.monotonic() - began
    check_accounting(report, server_requests=target.stats()["requests"])
    assert list(report) == [
        *["schema", "tool", "command", "name", "tags", "started_at", "duration", "stopped_by"],
        *["exit_code", "load", "accounting", "wire", "iterations", "warmup", "steps"],
        *["transactions", "total", "errors", "parameters", "plugins", "processes", "health"],
        *["thresholds", "shards", "seconds", "marks", "samples"],
    ]
    times = ["count", "min", "mean", "p50", "p90", "p95", "p99", "p999", "max"]
    counts = ["issued", "ok", "failed", "cancelled", "not_issued", "rate", "bytes_in", "status"]
    spans = ["latency_ms", "response_ms", "connect_ms"]
    assert list(report["steps"][0]) == ["case", "name", "type", *counts, *spans]
    assert list(report["total"]) == [*counts, *spans]
    assert list(report["total"]["latency_ms"]) == times
    assert list(report["transactions"][0]) == [
        *["case", "name", "ok", "failed", "interrupted", "duration_ms"]
    ]
    assert list(report["plugins"][0]) == [
        *["path", "python", "shard", "starts", "restarts", "source_changed", "calls", "ok"],
        *["errors", "timeouts", "crashed", "cancelled", "unavailable", "rss_peak_mb"],
        *["cpu_seconds", "run_seconds", "wait_ms", "run_ms", "functions"],
    ]
    assert list(report["health"]) == [
        *["trusted", "doubt", "latency_error_ms", "added_ms"],
        *["limited_by", "evidence", "cpu_percent", "cpu_wait_percent", "lag_ms"],
        *["rss_peak_mb", "gc_pause_ms_max", "bad_seconds", "degraded_seconds"],
    ]
    assert list(report["seconds"][0]) == [
        *["t", "users", "issued", "ok", "failed", "p50_ms", "p99_ms", "plugins", "lag_ms"]
    ]
    assert (report["name"], report["tags"]) == ("nightly", {"branch": "main"})
    assert report["seconds"][0]["t"] < 0
    # The warm-up is not in it.
    assert 1.5 <= report["duration"] <= took - 0.5
    names = [transaction["name"] for transaction in report["transactions"]]
    assert {"Action", "checkout"} <= set(names)
    assert {step["type"] for step in report["steps"]} == {"request-GET", "request-POST", "api"}
    assert "login - log in" in {step["name"] for step in report["steps"]}


def test_results_go_to_a_directory_of_their_own(target: TargetProcess, tmp_path: Path) -> None:
    arguments = ("boom", DEMO_CASE, "--base-url", target.url, "-i", "1")
    for _ in range(2):
        assert run_cli(*arguments, cwd=tmp_path).code == 0
    written = sorted(tmp_path.glob("results/*-shop*/report.json"))
    assert len(written) == 2
    assert all(path.stat().st_mode & 0o077 == 0 for path in written)
    ended = run_cli(*arguments, "--out", written[0].parent, cwd=tmp_path)
    assert ended.code == 2, ended
    assert "another run" in ended.err


def test_results_that_cannot_be_opened_are_an_error_before_the_load(
    target: TargetProcess, tmp_path: Path
) -> None:
    arguments = ("boom", DEMO_CASE, "--base-url", target.url, "-i", "1", "--no-out")
    (tmp_path / "file").touch()
    ended = run_cli(*arguments, "--json", tmp_path / "file" / "results.json")
    assert ended.code == 2, ended
    assert target.stats()["requests"] == 0


def test_results_that_cannot_be_written_are_an_error_of_their_own(
    target: TargetProcess,
) -> None:
    arguments = ("boom", DEMO_CASE, "--base-url", target.url, "-i", "1", "--no-out")
    ended = run_cli(*arguments, "--json", "/dev/full")
    assert ended.code == 4, ended
    assert "could not be written" in ended.err


def test_a_report_on_stdout_stands_alone(target: TargetProcess, tmp_path: Path) -> None:
    arguments = ("boom", DEMO_CASE, "--base-url", target.url, "-i", "2", "--no-out")
    ended = run_cli(*arguments, "--json", "-")
    assert ended.code == 0, ended
    path = tmp_path / "out.json"
    path.write_text(ended.out)
    check_accounting(read_report(path), server_requests=target.stats()["requests"])
    assert "iterations" in ended.err


def test_nothing_of_ours_is_written_beside_the_users_files(
    target: TargetProcess, tmp_path: Path
) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(DEMO, folder, ignore=shutil.ignore_patterns("__pycache__"))
    before = sorted(folder.rglob("*"))
    arguments = boom(target, tmp_path / "r.json", folder / "testcases" / "shop.yml", "-i", "2")
    assert run_cli(*arguments, cwd=tmp_path).code == 0
    assert sorted(folder.rglob("*")) == before


def test_a_threshold_decides_the_exit_code(target: TargetProcess, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    rules = ("p(95)<60s", "error_rate<1%", "rate{order}>0", "iterations==3", "p(50)<=0.0001")
    flags = [word for rule in rules for word in ("--threshold", rule)]
    ended = run_cli(*boom(target, path, DEMO_CASE, "-i", "3", *flags))
    assert ended.code == 1, ended
    verdicts = {rule["expression"]: rule["passed"] for rule in read_report(path)["thresholds"]}
    assert verdicts == dict(zip(rules, (True, True, True, True, False), strict=True))
    ended = run_cli(*boom(target, path, DEMO_CASE, "--threshold", "p(95){odrer}<1"))
    assert ended.code == 2, ended
    assert "did you mean 'order'?" in ended.err


def test_a_broken_threshold_can_end_the_run(target: TargetProcess, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    flags = ("-u", "2", "-d", "40s", "--threshold", "p(50)<0.0001", "--abort-on-threshold")
    ended = run_cli(*boom(target, path, DEMO_CASE, *flags))
    assert ended.code == 1, ended
    report = read_report(path)
    assert report["stopped_by"] == "threshold"
    check_accounting(report, server_requests=target.stats()["requests"])


def test_a_dry_run_sends_nothing(target: TargetProcess) -> None:
    flags = ("--base-url", target.url, "--stage", "10s:50", "--dry-run")
    ended = run_cli("boom", DEMO_CASE, *flags)
    assert ended.code == 0, ended
    assert "at most 50 users" in ended.out
    assert "order" in ended.out
    assert target.stats()["requests"] == 0


def test_a_profile_and_flags_describe_the_same_plan(tmp_path: Path) -> None:
    profile = tmp_path / "profile.yml"
    profile.write_text("spawn-count: 40\nspawn-rate: 4\nrun-time: 60\nmax-rps: -1\n")
    base = ("boom", DEMO_CASE, "--dry-run")
    by_flags = run_cli(*base, "-u", "40", "-r", "4", "-d", "1m")
    by_profile = run_cli(*base, "--profile", profile)
    overruled = run_cli(*base, "--profile", profile, "--users", "7")
    plans = [re.sub(r"free: \d+ MB", "", told.out) for told in (by_flags, by_profile, overruled)]
    assert plans[0] == plans[1] != plans[2]
    assert "at most 7 users" in overruled.out
    profile.write_text("spawn-cuont: 40\n")
    ended = run_cli(*base, "--profile", profile)
    assert ended.code == 2
    assert "did you mean spawn-count?" in " ".join(ended.err.split())


def test_users_beyond_the_machine_are_refused(target: TargetProcess) -> None:
    shell = f"ulimit -n 200; exec {sys.executable} -m boomtalk.cli"
    arguments = f"boom {DEMO_CASE} --base-url {target.url} -u 500 -d 1s --no-out"
    with started(["-c", f"{shell} {arguments}"], command=("sh",)) as running:
        ended = running.wait()
    assert ended.code == 2, ended
    assert "500 users need 564 open files" in ended.err
    assert target.stats()["requests"] == 0
