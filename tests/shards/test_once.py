"""Test steps that belong to the whole load on several shards: one shard runs them for all."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import uvloop
from boomtalk.engine import Load, Ramp
from boomtalk.engine.shards.sharded_run import LossRule, ShardedRun
from boomtalk.examples.target import TargetProcess

from tests.support.accounting import check_accounting
from tests.support.processes import Auditor
from tests.support.waiting import wait_until

from .local import Ended, LocalHandle, run_sharded

# More digits than a float has, and more bits than a machine's integer.
NUMBER = 123456789012345678901234567890
PLUGIN = f"def make():\n    return {NUMBER}\n"
CASE = """
config: {name: shop}
teststeps:
  - name: make
    once: run
    variables: {id: "${make()}"}
    request: {method: POST, url: /echo/make, body: made}
    extract: {id: $id, name: body.body}
  - {name: log in, once: user, request: {method: POST, url: /echo/login}}
  - {name: page, request: {method: GET, url: "/echo/page/$id/$name"}}
  - {name: drop, once: end, request: {method: DELETE, url: "/echo/drop/$id"}}
"""
PAGE = f"/echo/page/{NUMBER}/made"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    (tmp_path / "debugtalk.py").write_text(PLUGIN)
    path = tmp_path / "case.yml"
    path.write_text(CASE)
    return path


def sharded(case: Path, target: TargetProcess, load: Load, **options: Any) -> Ended:
    return uvloop.run(run_sharded(case, target.url, load, 2, **options))


def issued(ended: Ended) -> dict[str, int]:
    return {step["name"]: step["issued"] for step in ended.report["steps"]}


def test_one_shard_makes_what_all_use(
    target: TargetProcess, case: Path, no_leftovers: Auditor
) -> None:
    ended = sharded(case, target, Load(Ramp(10), loops=5))

    counts = target.stats()
    check_accounting(ended.report, counts["requests"])
    once = {"/echo/make": 1, f"/echo/drop/{NUMBER}": 1, "/echo/login": 10}
    assert counts["by_path"] == {**once, PAGE: 50}
    assert issued(ended) == {"make": 1, "log in": 10, "page": 50, "drop": 1}
    assert ended.report["stopped_by"] == "iterations"
    assert len(ended.report["plugins"]) == 2


def test_a_failed_set_up_starts_no_shard(target: TargetProcess, case: Path) -> None:
    case.write_text(
        CASE.replace("    extract:", "    validate: [{eq: [status_code, 1]}]\n    extract:")
    )
    ended = sharded(case, target, Load(Ramp(10), duration=30))

    counts = target.stats()
    check_accounting(ended.report, counts["requests"])
    assert counts["by_path"] == {"/echo/make": 1, f"/echo/drop/{NUMBER}": 1}
    assert ended.report["stopped_by"] == "setup"
    assert ended.report["iterations"]["started"] == 0
    (line,) = [text for level, text in ended.log if level == "error"]
    assert "step 'make' (once: run) failed" in line


def test_a_value_that_cannot_be_sent_is_told(target: TargetProcess, case: Path) -> None:
    case.with_name("raw.bin").write_bytes(b"\xff")
    case.write_text(CASE.replace("${make()}", "${load_ws_message(raw.bin)}"))
    ended = sharded(case, target, Load(Ramp(10), duration=30))

    check_accounting(ended.report, target.stats()["requests"])
    assert ended.report["stopped_by"] == "setup"
    assert any("cannot be sent" in text for level, text in ended.log if level == "error")


def _when_asked(target: TargetProcess, do: Any) -> Any:
    """Return what does something as soon as the server was asked for the slow page."""

    async def meanwhile(run: ShardedRun, handles: list[LocalHandle]) -> None:
        await asyncio.to_thread(wait_until, lambda: "/delay/60" in target.stats()["by_path"], "it")
        await do(run, handles)

    return meanwhile


async def _lose_the_first(run: ShardedRun, handles: list[LocalHandle]) -> None:
    while run.snapshot().accounting.ok < 20:
        await asyncio.sleep(0.05)
    handles[0].kill()


def test_another_shard_ends_what_a_lost_one_has_made(target: TargetProcess, case: Path) -> None:
    ended = sharded(
        case,
        target,
        Load(Ramp(10), duration=2.5),
        meanwhile=_lose_the_first,
        on_loss=LossRule(stop=False),
    )

    assert [shard["state"] for shard in ended.report["shards"]] == ["lost", "done"]
    assert target.stats()["by_path"][f"/echo/drop/{NUMBER}"] == 1


async def _lose_the_first_at_once(run: ShardedRun, handles: list[LocalHandle]) -> None:
    handles[0].kill()


@pytest.mark.parametrize("goes_on", [False, True])
def test_a_load_whose_set_up_is_lost_does_not_begin(
    target: TargetProcess, case: Path, goes_on: bool
) -> None:
    case.write_text(CASE.replace("/echo/make", "/delay/60"))
    ended = sharded(
        case,
        target,
        Load(Ramp(10), duration=30),
        meanwhile=_when_asked(target, _lose_the_first_at_once),
        on_loss=LossRule(stop=not goes_on),
    )

    assert [shard["state"] for shard in ended.report["shards"]] == ["lost", "done"]
    assert ended.report["stopped_by"] == "shard"
    assert target.stats()["by_path"] == {"/delay/60": 1}


async def _two_signals(run: ShardedRun, handles: list[LocalHandle]) -> None:
    run.stop.on_signal(2)
    run.stop.on_signal(2)


def test_a_second_signal_skips_the_last_steps(target: TargetProcess, case: Path) -> None:
    case.write_text(CASE.replace('"/echo/page/$id/$name"', "/delay/60"))
    meanwhile = _when_asked(target, _two_signals)
    ended = sharded(case, target, Load(Ramp(10)), meanwhile=meanwhile)

    check_accounting(ended.report, target.stats()["requests"], cut=True)
    assert issued(ended)["drop"] == 0
    told = [text for _, text in ended.log if "once: end" in text]
    assert told == ["shard 0: not all steps with once: end have run: a second signal ended them"]


async def _signal(run: ShardedRun, handles: list[LocalHandle]) -> None:
    run.stop.on_signal(2)


def test_a_signal_during_the_set_up_starts_no_load(target: TargetProcess, case: Path) -> None:
    case.write_text(CASE.replace("/echo/make", "/delay/60"))
    ended = sharded(case, target, Load(Ramp(10)), meanwhile=_when_asked(target, _signal))

    check_accounting(ended.report, target.stats()["requests"], cut=True)
    assert ended.report["stopped_by"] == "signal"
    assert ended.report["iterations"]["started"] == 0
