"""Test a load on several shards: its requests, its report, and leftover processes."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
import uvloop
from boomtalk.engine import ArrivalRate, BoomtalkError, Load, Ramp, RunSettings
from boomtalk.engine.errors import UsageError
from boomtalk.engine.measure.thresholds import parse_threshold
from boomtalk.engine.shards.shard import Shard
from boomtalk.engine.shards.sharded_run import LossRule, ShardedRun
from boomtalk.examples.target import TargetProcess

from tests.support.accounting import check_accounting
from tests.support.processes import Auditor
from tests.support.waiting import PATIENCE, wait_until

from .local import LocalHandle, run_sharded, shard_run, task

CASE = """
config: {name: shop}
teststeps:
  - {name: look, request: {method: GET, url: /}}
  - {name: ask, request: {method: POST, url: /echo, json: {who: "${who()}"}}}
"""
PLAIN = "config: {name: plain}\nteststeps: [{name: look, request: {method: GET, url: /}}]\n"
SLOW = "config: {name: slow}\nteststeps: [{name: nap, request: {method: GET, url: '/delay/100'}}]\n"
ROWS = """
config:
  name: rows
  parameters: {n: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}
  parameters_setting: {pick_order: unique}
teststeps: [{name: echo, request: {method: POST, url: /echo, json: {n: $n}}}]
"""


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    case = tmp_path / "case.yml"
    case.write_text(PLAIN)
    return case


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "debugtalk.py").write_text("import os\n\ndef who():\n    return os.getpid()\n")
    case = tmp_path / "case.yml"
    case.write_text(CASE)
    return case


async def _no_more_requests(target: TargetProcess) -> int:
    """Return the server's count once it has not changed for half a second."""
    before, now = -1, target.stats()["requests"]
    while before != now:
        await asyncio.sleep(0.5)
        before, now = now, target.stats()["requests"]
    return now


@pytest.mark.parametrize("shards", [1, 2, 5])
def test_all_shards_together_do_the_iterations_that_were_asked_for(
    project: Path, target: TargetProcess, shards: int
) -> None:
    load = Load(Ramp(7), iterations=101)

    ended = uvloop.run(run_sharded(project, target.url, load, shards))

    check_accounting(ended.report, target.stats()["requests"])
    assert ended.report["iterations"]["completed"] == 101
    assert ended.report["accounting"]["ok"] == 202
    assert ended.report["stopped_by"] == "iterations"


def test_each_shard_has_one_plugin_process_and_leaves_none(
    project: Path, target: TargetProcess, no_leftovers: Auditor
) -> None:
    seen = []

    async def count(run: ShardedRun, _handles: list[LocalHandle]) -> None:
        while not run.snapshot().seconds:
            await asyncio.sleep(0.02)
        seen.extend(no_leftovers.plugins())

    ended = uvloop.run(
        run_sharded(project, target.url, Load(Ramp(4), duration=1.6), 2, meanwhile=count)
    )

    assert len(seen) == 2
    assert [plugin["shard"] for plugin in ended.report["plugins"]] == [0, 1]
    assert [plugin["starts"] for plugin in ended.report["plugins"]] == [1, 1]
    assert ended.report["processes"]["plugins_peak"] == 2


def test_an_open_load_starts_each_iteration_once(plain: Path, target: TargetProcess) -> None:
    load = Load(ArrivalRate(51, 20), duration=2.0)

    ended = uvloop.run(run_sharded(plain, target.url, load, 3))

    check_accounting(ended.report, target.stats()["requests"])
    assert ended.report["iterations"]["planned"] == 102


def test_every_unique_row_is_dealt_once_over_all_shards(
    tmp_path: Path, target: TargetProcess
) -> None:
    case = tmp_path / "case.yml"
    case.write_text(ROWS)

    ended = uvloop.run(run_sharded(case, target.url, Load(Ramp(4)), 3))

    (use,) = ended.outcome.parameters
    assert use.used == (1,) * 11
    assert target.stats()["requests"] == 11
    assert ended.report["stopped_by"] == "data"


def test_what_began_in_the_warmup_is_told_apart(plain: Path, target: TargetProcess) -> None:
    load = Load(Ramp(4), duration=1.0, warmup=1.0, max_requests=100)

    ended = uvloop.run(run_sharded(plain, target.url, load, 2))

    check_accounting(ended.report, target.stats()["requests"])
    assert ended.report["warmup"]["total"]["ok"] > 0
    assert ended.report["total"]["ok"] > 0
    assert [one["t"] for one in ended.report["seconds"]][:2] == [-1, 1]


def test_a_stop_from_outside_ends_every_shard(plain: Path, target: TargetProcess) -> None:
    async def interrupt(run: ShardedRun, _handles: list[LocalHandle]) -> None:
        while not run.snapshot().accounting.ok:
            await asyncio.sleep(0.02)
        run.stop.on_signal(2)

    ended = uvloop.run(run_sharded(plain, target.url, Load(Ramp(6)), 3, meanwhile=interrupt))

    check_accounting(ended.report, target.stats()["requests"])
    assert (ended.outcome.stopped_by, ended.outcome.signal) == ("signal", 2)
    assert {shard["state"] for shard in ended.report["shards"]} == {"done"}


def test_a_second_signal_cuts_what_is_under_way(tmp_path: Path, target: TargetProcess) -> None:
    case = tmp_path / "case.yml"
    case.write_text(SLOW.replace("100", "20000"))

    async def interrupt(run: ShardedRun, _handles: list[LocalHandle]) -> None:
        while run.snapshot().accounting.in_flight < 4:
            await asyncio.sleep(0.02)
        run.stop.on_signal(2)
        run.stop.on_signal(2)

    ended = uvloop.run(run_sharded(case, target.url, Load(Ramp(4)), 2, meanwhile=interrupt))

    assert ended.report["accounting"]["cancelled"] == 4
    check_accounting(ended.report, target.stats()["requests"], cut=True)


def test_a_second_signal_gives_up_a_shard_that_something_holds_up(
    plain: Path, target: TargetProcess
) -> None:
    async def interrupt(run: ShardedRun, handles: list[LocalHandle]) -> None:
        while len(run.snapshot().seconds) < 1:
            await asyncio.sleep(0.02)
        handles[0].held.set()
        run.stop.on_signal(2)
        run.stop.on_signal(2)

    patient = LossRule(silent=100.0)
    ended = uvloop.run(
        run_sharded(plain, target.url, Load(Ramp(4)), 2, meanwhile=interrupt, on_loss=patient)
    )

    check_accounting(ended.report)
    assert [shard["state"] for shard in ended.report["shards"]] == ["lost", "done"]
    assert ended.report["shards"][0]["why"] == "silent for 2 s"


async def _kill_the_second(run: ShardedRun, handles: list[LocalHandle]) -> None:
    while len(run.snapshot().seconds) < 1:
        await asyncio.sleep(0.02)
    handles[1].kill()


def test_the_loss_of_a_shard_ends_the_load_and_is_told(
    project: Path, target: TargetProcess, no_leftovers: Auditor
) -> None:
    load = Load(Ramp(5), duration=8.0)

    ended = uvloop.run(run_sharded(project, target.url, load, 2, meanwhile=_kill_the_second))

    check_accounting(ended.report)
    done, lost = ended.report["shards"]
    assert (done["state"], lost["state"], lost["users"]) == ("done", "lost", 2)
    assert 1.0 <= lost["lost_at"] < 3.0
    assert lost["why"] == "killed"
    assert lost["issued"] > 0
    assert ended.report["stopped_by"] == "shard"
    assert ("error", "LOST") not in ended.log
    assert any("shard 1 on" in text and "was lost at" in text for _, text in ended.log)


def test_the_other_shards_can_go_on_after_a_loss(plain: Path, target: TargetProcess) -> None:
    load = Load(Ramp(4), duration=3.0, max_requests=200)

    ended = uvloop.run(
        run_sharded(
            plain, target.url, load, 2, meanwhile=_kill_the_second, on_loss=LossRule(stop=False)
        )
    )

    check_accounting(ended.report)
    assert ended.report["stopped_by"] == "duration"
    assert ended.report["duration"] >= 3.0
    lost = ended.report["shards"][1]
    assert lost["missing"] == pytest.approx(lost["issued"] / lost["lost_at"] * 2, rel=0.5)


def test_what_a_lost_shard_had_under_way_counts_as_cut(
    tmp_path: Path, target: TargetProcess
) -> None:
    case = tmp_path / "case.yml"
    case.write_text(SLOW.replace("100", "20000"))
    load = Load(Ramp(6), duration=1.5, graceful_stop=0.0)

    ended = uvloop.run(
        run_sharded(
            case, target.url, load, 2, meanwhile=_kill_the_second, on_loss=LossRule(stop=False)
        )
    )

    check_accounting(ended.report)
    assert ended.report["accounting"]["cancelled"] == 6
    assert ended.report["iterations"]["interrupted"] == 6


def test_a_silent_shard_is_given_up(plain: Path, target: TargetProcess) -> None:
    async def hold(run: ShardedRun, handles: list[LocalHandle]) -> None:
        while not run.snapshot().seconds:
            await asyncio.sleep(0.02)
        handles[0].held.set()

    load = Load(Ramp(4), duration=60.0, max_requests=100)
    ended = uvloop.run(
        run_sharded(plain, target.url, load, 2, meanwhile=hold, on_loss=LossRule(silent=2.5))
    )

    lost = ended.report["shards"][0]
    assert (lost["state"], lost["why"]) == ("lost", "silent for 2.5 s")
    check_accounting(ended.report)


def test_a_shard_that_nobody_asks_stops_by_itself(plain: Path, target: TargetProcess) -> None:
    async def abandon() -> int:
        shard = Shard(shard_run, lease=3.0)
        await shard.prepare(task(plain, Load(Ramp(2)), RunSettings(base_url=target.url)))
        await shard.piece(0, 0)
        async with asyncio.timeout(PATIENCE):
            while not target.stats()["requests"]:
                # Each start renews the lease, which could end before the first request otherwise.
                await shard.start()
                await asyncio.sleep(0.02)
        counted = await _no_more_requests(target)
        assert counted == (await _no_more_requests(target)) > 0
        await shard.close()
        return counted

    assert uvloop.run(abandon()) > 0


def test_a_plugin_that_cannot_start_ends_all_before_the_load(
    project: Path, target: TargetProcess, no_leftovers: Auditor
) -> None:
    (project.parent / "debugtalk.py").write_text("raise ValueError('no luck')\n")

    with pytest.raises(BoomtalkError, match="no luck") as caught:
        uvloop.run(run_sharded(project, target.url, Load(Ramp(4)), 2))

    assert caught.value.exit_code == 3
    assert target.stats()["requests"] == 0


def test_another_version_of_boomtalk_is_refused(plain: Path, target: TargetProcess) -> None:
    options = {"version": "0.0.1"}

    with pytest.raises(BoomtalkError, match=r"0\.0\.1 where it was started"):
        uvloop.run(run_sharded(plain, target.url, Load(Ramp(4)), 2, task_options=options))


def test_thresholds_are_judged_on_the_sum(plain: Path, target: TargetProcess) -> None:
    rules = [parse_threshold("iterations==30"), parse_threshold("p(95){look}<10s")]

    ended = uvloop.run(
        run_sharded(
            plain, target.url, Load(Ramp(3), iterations=30), 3, settings={"thresholds": rules}
        )
    )

    assert [rule["passed"] for rule in ended.report["thresholds"]] == [True, True]
    assert ended.report["thresholds"][0]["value"] == 30


def test_a_broken_threshold_stops_all_shards(plain: Path, target: TargetProcess) -> None:
    rules = [parse_threshold("issued<5")]

    ended = uvloop.run(
        run_sharded(
            plain,
            target.url,
            Load(Ramp(4)),
            2,
            settings={"thresholds": rules, "abort_on_threshold": True},
        )
    )

    check_accounting(ended.report, target.stats()["requests"])
    assert ended.report["stopped_by"] == "threshold"


def test_a_threshold_of_no_step_is_refused_before_the_load(
    plain: Path, target: TargetProcess
) -> None:
    rules = [parse_threshold("p(95){nowhere}<10")]

    with pytest.raises(UsageError, match="nowhere"):
        uvloop.run(run_sharded(plain, target.url, Load(Ramp(4)), 2, settings={"thresholds": rules}))


def test_failures_of_all_shards_are_one_row(tmp_path: Path, target: TargetProcess) -> None:
    case = tmp_path / "case.yml"
    case.write_text(PLAIN.replace("}}]", "}, validate: [{eq: [status_code, 299]}]}]"))

    ended = uvloop.run(run_sharded(case, target.url, Load(Ramp(4), iterations=40), 4))

    (error,) = ended.report["errors"]
    assert (error["kind"], error["count"]) == ("check", 40)
    assert (error["check"], len(error["examples"])) == ("status_code eq 299", 1)
    assert ended.report["total"]["status"] == {"200": 40}
    check_accounting(ended.report, target.stats()["requests"])


def test_users_can_be_added_and_held_back_in_all_shards(plain: Path, target: TargetProcess) -> None:
    async def steer(run: ShardedRun, _handles: list[LocalHandle]) -> None:
        while run.snapshot().users < 4:
            await asyncio.sleep(0.05)
        run.add_users(5)
        while run.snapshot().users < 9:
            await asyncio.sleep(0.05)
        run.toggle_pause()
        await _no_more_requests(target)
        run.stop.request("signal")

    ended = uvloop.run(
        run_sharded(plain, target.url, Load(Ramp(4), max_requests=200), 2, meanwhile=steer)
    )

    check_accounting(ended.report, target.stats()["requests"])


def test_a_shard_can_be_asked_who_it_is() -> None:
    hello = asyncio.run(Shard(shard_run).hello())

    assert hello["pid"] == os.getpid()
    wait_until(lambda: hello["host"], "a host name")
