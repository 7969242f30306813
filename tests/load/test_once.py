"""Test steps with `once` under load: the server's counts, all ends, and a failed set-up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from boomtalk.engine import ArrivalRate, Load, Ramp, RunSettings, load_cases
from boomtalk.engine.load.run import Run
from boomtalk.engine.measure.errors import NoLog
from boomtalk.engine.measure.thresholds import parse_threshold
from boomtalk.engine.report.json_report import About, report_of
from boomtalk.engine.stop import Stop
from boomtalk.examples.target import TargetProcess
from boomtalk.plugins import PluginPool

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import read_report, run_cli, started
from tests.support.processes import Auditor
from tests.support.terminal import on_terminal
from tests.support.waiting import wait_until

CASE = """
config: {name: shop}
teststeps:
  - name: make
    once: run
    request: {method: POST, url: /echo/make, body: "7"}
    extract: {id: body.body}
  - name: log in
    once: user
    request: {method: POST, url: /echo/login, body: "u$id"}
    extract: {token: body.body}
  - {name: page, request: {method: GET, url: "/echo/page/$id/$token"}}
  - {name: nap, request: {method: GET, url: /delay/NAP}}
  - {name: drop, once: end, request: {method: DELETE, url: "/echo/drop/$id"}}
"""
QUICK = CASE.replace("/delay/NAP", "/")
PAGE = "/echo/page/7/u7"


class Lines(NoLog):
    """Keeps the lines of a log."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.errors: list[str] = []

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def error(self, text: str) -> None:
        self.errors.append(text)


Meanwhile = Callable[[Stop], Awaitable[None]]


def play(
    folder: Path,
    target: TargetProcess,
    case: str,
    load: Load,
    meanwhile: Meanwhile | None = None,
    log: Lines | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """Run the case in this process, and return the report."""
    path = folder / "case.yml"
    path.write_text(case)

    async def main() -> dict[str, Any]:
        told = RunSettings(base_url=target.url, **settings)
        async with PluginPool() as pool:
            run = Run(load_cases([path]).cases, load, told, plugins=pool, log=log)
            await run.prepare()
            beside = asyncio.create_task(meanwhile(run.stop)) if meanwhile else None
            outcome = await run.execute()
            if beside is not None:
                await beside
        return report_of(outcome, load, About("0"), None)

    return asyncio.run(main())


def issued(report: dict[str, Any]) -> dict[str, int]:
    return {step["name"]: step["issued"] for step in report["steps"]}


def test_a_thousand_users_log_in_a_thousand_times(target: TargetProcess, tmp_path: Path) -> None:
    report = play(tmp_path, target, QUICK, Load(Ramp(1000), loops=2))

    counts = target.stats()
    check_accounting(report, counts["requests"])
    once = {"/echo/make": 1, "/echo/login": 1000, "/echo/drop/7": 1}
    assert counts["by_path"] == {**once, PAGE: 2000, "/": 2000}
    assert issued(report) == {"make": 1, "log in": 1000, "page": 2000, "nap": 2000, "drop": 1}
    (action,) = report["transactions"]
    assert action["ok"] == report["iterations"]["completed"] == 2000
    assert report["load"]["iterations"] == 2000


def test_the_warmup_takes_what_came_before_its_end(target: TargetProcess, tmp_path: Path) -> None:
    load = Load(Ramp(2), duration=0.2, warmup=0.2)
    report = play(tmp_path, target, QUICK, load)

    check_accounting(report, target.stats()["requests"])
    assert issued(report)["make"] == issued(report)["log in"] == 0
    assert report["warmup"]["total"]["issued"] >= 3
    assert issued(report)["drop"] == 1


async def _signal_soon(stop: Stop) -> None:
    await asyncio.sleep(0.2)
    stop.on_signal(2)


async def _two_signals_soon(stop: Stop) -> None:
    await _signal_soon(stop)
    stop.on_signal(2)


ENDS: dict[str, tuple[Load, dict[str, Any], Meanwhile | None]] = {
    "iterations": (Load(Ramp(3, 1000), loops=3), {}, None),
    "duration": (Load(Ramp(3, 1000), duration=0.2), {}, None),
    "signal": (Load(Ramp(3, 1000)), {}, _signal_soon),
    "threshold": (
        Load(Ramp(3, 1000), duration=30),
        {"thresholds": [parse_threshold("issued<2")], "abort_on_threshold": True},
        None,
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_the_last_steps_run_after_each_end(target: TargetProcess, tmp_path: Path, end: str) -> None:
    load, settings, meanwhile = ENDS[end]
    report = play(tmp_path, target, QUICK, load, meanwhile, **settings)

    assert report["stopped_by"] == end
    counts = target.stats()
    check_accounting(report, counts["requests"])
    assert counts["by_path"]["/echo/make"] == counts["by_path"]["/echo/drop/7"] == 1
    assert 1 <= counts["by_path"]["/echo/login"] == issued(report)["log in"] <= 3


def test_a_second_signal_skips_the_last_steps(target: TargetProcess, tmp_path: Path) -> None:
    log = Lines()
    case = CASE.replace("NAP", "60")
    report = play(tmp_path, target, case, Load(Ramp(2, 1000)), _two_signals_soon, log)

    counts = target.stats()
    check_accounting(report, counts["requests"], cut=True)
    assert "/echo/drop/7" not in counts["by_path"]
    assert issued(report)["drop"] == 0
    assert log.warnings == ["not all steps with once: end have run: a second signal ended them"]


def test_the_last_steps_have_the_grace_time(target: TargetProcess, tmp_path: Path) -> None:
    log = Lines()
    case = QUICK.replace("/echo/drop/$id", "/delay/60")
    report = play(tmp_path, target, case, Load(iterations=1, graceful_stop=0.2), log=log)

    check_accounting(report, target.stats()["requests"], cut=True)
    assert report["stopped_by"] == "iterations"
    assert report["accounting"]["cancelled"] == 1
    assert "0.2 s of --graceful-stop" in log.warnings[0]


def test_the_time_of_the_last_steps_lowers_no_rate(target: TargetProcess, tmp_path: Path) -> None:
    case = QUICK.replace("/echo/drop/$id", "/delay/1")
    report = play(tmp_path, target, case, Load(iterations=1))

    assert report["duration"] < 1 <= report["seconds"][-1]["t"]


@pytest.mark.parametrize("seed", range(6))
def test_every_request_is_accounted_for_however_the_run_ends(
    target: TargetProcess, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    shape = chance.choice([Ramp(5, 1000), ArrivalRate(40.0, max_users=5)])
    load = Load(shape, duration=0.5, graceful_stop=chance.choice([0.05, 30]))
    moments = sorted(chance.uniform(0, 0.6) for _ in range(chance.randrange(3)))

    async def meanwhile(stop: Stop) -> None:
        began_at = asyncio.get_running_loop().time()
        for moment in moments:
            left = began_at + moment - asyncio.get_running_loop().time()
            await asyncio.sleep(max(0.0, left))
            stop.on_signal(2)

    case = CASE.replace("NAP", "0.1").replace("/echo/make", "/delay/0.1")
    report = play(tmp_path, target, case, load, meanwhile)

    check_accounting(report, target.stats()["requests"], cut=True)
    rows = issued(report)
    assert rows["make"] == 1
    assert rows["log in"] <= 5
    assert rows["drop"] <= 1


CHECKED = "    validate: [{eq: [body.body, '8']}]\n  - name: log in"
FAILING = QUICK.replace("  - name: log in", CHECKED)


def test_a_failed_set_up_ends_the_program_with_1_and_no_load(
    target: TargetProcess, tmp_path: Path
) -> None:
    case, path = tmp_path / "case.yml", tmp_path / "report.json"
    case.write_text(FAILING)
    flags = ("--base-url", target.url, "-u", "50", "-d", "20s", "--no-out", "--plain")
    ended = run_cli("boom", case, *flags, "--json", path)

    assert ended.code == 1, ended
    assert "error: no load was started: step 'make' (once: run) failed" in ended.err
    assert "body.body" in ended.err
    assert "no load was started" in ended.out
    report = read_report(path)
    check_accounting(report, target.stats()["requests"])
    assert (report["stopped_by"], report["exit_code"]) == ("setup", 1)
    assert report["iterations"]["started"] == 0
    assert set(target.stats()["by_path"]) == {"/echo/make", "/echo/drop/7"}


def test_a_search_ends_at_a_failed_set_up(target: TargetProcess, tmp_path: Path) -> None:
    case = tmp_path / "case.yml"
    case.write_text(FAILING)
    ended = run_cli("find-limit", case, "--base-url", target.url, "--from", "10/s")

    assert ended.code == 1, ended
    assert "step 'make' (once: run) failed" in ended.err
    assert target.stats()["by_path"]["/echo/make"] == 1


def test_a_crash_of_the_plugin_is_the_failure_of_the_step(
    target: TargetProcess, tmp_path: Path, no_leftovers: Auditor
) -> None:
    (tmp_path / "debugtalk.py").write_text("import os\n\ndef die():\n    os._exit(1)\n")
    case = QUICK.replace('"7"', '"${die()}"')
    log = Lines()
    report = play(tmp_path, target, case, Load(Ramp(2), loops=1), log=log)

    check_accounting(report, target.stats()["requests"])
    assert report["stopped_by"] == "setup"
    assert "plugin_crashed" in {error["kind"] for error in report["errors"]}
    assert "step 'make' (once: run) failed" in log.errors[0]


def test_a_signal_during_the_set_up_starts_no_load(target: TargetProcess, tmp_path: Path) -> None:
    case, path = tmp_path / "case.yml", tmp_path / "report.json"
    case.write_text(QUICK.replace("/echo/make", "/delay/60"))
    flags = ("--base-url", target.url, "-u", "5", "--no-out", "--plain", "--json", path)
    with started(["boom", case, *flags]) as running:
        wait_until(lambda: target.stats()["requests"], "the set-up")
        running.interrupt()
        ended = running.wait()

    assert ended.code == 130, ended
    report = read_report(path)
    check_accounting(report, target.stats()["requests"], cut=True)
    assert report["stopped_by"] == "signal"
    assert report["iterations"]["started"] == 0


def test_the_plan_says_which_steps_run_once(target: TargetProcess, tmp_path: Path) -> None:
    case = tmp_path / "case.yml"
    case.write_text(QUICK)
    ended = run_cli("boom", case, "--base-url", target.url, "--dry-run")

    assert ended.code == 0, ended
    rows = [line.strip() for line in ended.out.splitlines() if "shop: " in line]
    assert rows == [
        "shop: make (request-POST, once: run)",
        "shop: log in (request-POST, once: user)",
        "shop: page (request-GET)",
        "shop: nap (request-GET)",
        "shop: drop (request-DELETE, once: end)",
    ]
    assert target.stats()["requests"] == 0


def test_only_cases_that_iterations_can_get_are_set_up(
    target: TargetProcess, tmp_path: Path
) -> None:
    for name, weight in (("used", "weight: 1"), ("unused", "weight: 0"), ("other", "weight: 2")):
        config = f"config: {{name: {name}, {weight}}}"
        text = QUICK.replace("config: {name: shop}", config).replace("/make", f"/{name}")
        (tmp_path / f"{name}.yml").write_text(text)
    flags = ("--base-url", target.url, "-i", "3", "--no-out", "--plain")
    ended = run_cli("boom", tmp_path, *flags)

    assert ended.code == 0, ended
    counts = target.stats()["by_path"]
    assert (counts["/echo/used"], counts["/echo/other"], counts["/echo/drop/7"]) == (1, 1, 2)
    assert "/echo/unused" not in counts


def test_a_case_without_anything_to_repeat_is_told(target: TargetProcess, tmp_path: Path) -> None:
    case = tmp_path / "case.yml"
    case.write_text(
        QUICK.replace("{name: page,", "{name: page, once: user,").replace(
            "{name: nap,", "{name: nap, once: run,"
        )
    )
    ended = run_cli("boom", case, "--base-url", target.url, "--dry-run")

    assert ended.code == 0, ended
    assert "case 'shop': all steps are once, so that iterations do nothing" in ended.err


def test_numbers_of_a_set_up_that_is_cut_add_up(target: TargetProcess, tmp_path: Path) -> None:
    path = tmp_path / "case.yml"
    path.write_text(QUICK.replace("/echo/make", "/delay/60"))

    async def main() -> dict[str, Any]:
        load = Load(Ramp(2))
        run = Run(load_cases([path]).cases, load, RunSettings(base_url=target.url))
        await run.prepare()
        running = asyncio.create_task(run.execute())
        await asyncio.to_thread(wait_until, lambda: target.stats()["requests"], "the set-up")
        report = report_of(run.cut(), load, About("0"), None)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return report

    report = asyncio.run(main())
    check_accounting(report, target.stats()["requests"], cut=True)
    assert report["accounting"]["cancelled"] == 1


def test_the_screen_says_what_goes_on_around_the_load(
    target: TargetProcess, tmp_path: Path
) -> None:
    case = tmp_path / "case.yml"
    text = QUICK.replace("/echo/make", "/delay/1").replace("/echo/drop/$id", "/delay/60")
    case.write_text(text)
    arguments = ("boom", case, "--base-url", target.url, "-u", "2", "-d", "0.3s", "--no-out")
    with on_terminal(120, 40, *arguments) as terminal:
        terminal.wait_for("setting up")
        terminal.wait_for("cleaning up")
        terminal.press("q")
        terminal.press("q")
        assert terminal.wait() == 130


def test_a_load_that_ends_in_its_warmup_has_no_time(target: TargetProcess, tmp_path: Path) -> None:
    case = QUICK.replace("/echo/drop/$id", "/delay/1.3")
    report = play(tmp_path, target, case, Load(Ramp(1), loops=1, warmup=1.0))

    check_accounting(report, target.stats()["requests"])
    assert report["duration"] == 0
