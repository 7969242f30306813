"""Test that wrong arguments are refused with what to pass instead, before anything is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from boomtalk.engine import (
    ArrivalRate,
    BoomtalkError,
    Case,
    HttpOptions,
    Load,
    Outcome,
    Ramp,
    Run,
    RunSettings,
    Stage,
    Stages,
    UsageError,
    load_cases,
)
from boomtalk.examples import DEMO_CASE
from boomtalk.examples.target import TargetProcess
from boomtalk.plugins import PluginPool

from tests.support.processes import Auditor

ANY: Any = None


@pytest.mark.parametrize(
    ("made", "named"),
    [
        (lambda cases: Run("shop.yml", Load()), "load_cases"),
        (lambda cases: Run(["shop.yml"], Load()), "load_cases"),
        (lambda cases: Run(None, Load()), "load_cases"),
        (lambda cases: Run([], Load()), "no cases"),
        (lambda cases: Run(cases[0], Load()), "load_cases"),
        (lambda cases: Run(load_cases(DEMO_CASE), Load()), ".cases"),
        (lambda cases: Run(cases, {"users": 3}), "Load(Ramp"),
        (lambda cases: Run(cases, Ramp(3)), "Load(Ramp"),
        (lambda cases: Run(cases, Load), "the class Load"),
        (lambda cases: Run(cases, Load(3)), "Ramp(users)"),
        (lambda cases: Run(cases, Load(Ramp(-3))), "users must be 1 or more"),
        (lambda cases: Run(cases, Load(Ramp(0))), "users must be 1 or more"),
        (lambda cases: Run(cases, Load(Ramp(2.5))), "whole number"),
        (lambda cases: Run(cases, Load(Ramp("3"))), "users must be a number"),
        (lambda cases: Run(cases, Load(Ramp(True))), "users must be a number"),
        (lambda cases: Run(cases, Load(Ramp(None))), "users must be a number"),
        (lambda cases: Run(cases, Load(Ramp(3, spawn_rate=0))), "spawn_rate"),
        (lambda cases: Run(cases, Load(duration="10s")), "duration must be a number"),
        (lambda cases: Run(cases, Load(duration=-1)), "duration must be above 0"),
        (lambda cases: Run(cases, Load(duration=float("nan"))), "duration"),
        (lambda cases: Run(cases, Load(iterations=0)), "iterations"),
        (lambda cases: Run(cases, Load(loops=1.5)), "loops"),
        (lambda cases: Run(cases, Load(warmup=None)), "warmup"),
        (lambda cases: Run(cases, Load(graceful_stop=-1)), "graceful_stop"),
        (lambda cases: Run(cases, Load(max_requests=0)), "max_requests"),
        (lambda cases: Run(cases, Load(increase=5)), "increase"),
        (lambda cases: Run(cases, Load(seed="x")), "seed"),
        (lambda cases: Run(cases, Load(Stages(()))), "Stage(duration, target)"),
        (lambda cases: Run(cases, Load(Stages(((10, 5),)))), "Stage(duration, target)"),
        (lambda cases: Run(cases, Load(Stages((Stage(10, -5),)))), "target of a stage"),
        (lambda cases: Run(cases, Load(Stages((Stage(10, 0),)))), "no users"),
        (lambda cases: Run(cases, Load(ArrivalRate(0, 10))), "rate must be above 0"),
        (lambda cases: Run(cases, Load(ArrivalRate(5, 0))), "max_users"),
        (lambda cases: Run(cases, Load(), {"base_url": "x"}), "RunSettings"),
        (lambda cases: Run(cases, Load(), "http://x"), "RunSettings"),
        (lambda cases: Run(cases, Load(), RunSettings(base_url="127.0.0.1:80")), "http://HOST"),
        (lambda cases: Run(cases, Load(), RunSettings(thresholds="p(95)<3")), "pass a list"),
        (lambda cases: Run(cases, Load(), RunSettings(thresholds=["p95<3"])), "p(95)<300"),
        (lambda cases: Run(cases, Load(), RunSettings(thresholds=["p(95)<3h"])), "p(95)<3h"),
        (lambda cases: Run(cases, Load(), RunSettings(thresholds=[3])), "pass a list"),
        (lambda cases: Run(cases, Load(), RunSettings(http={"timeout": 1})), "HttpOptions"),
        (lambda cases: Run(cases, Load(), RunSettings(http=HttpOptions(timeout=0))), "timeout"),
        (lambda cases: Run(cases, Load(), RunSettings(http=HttpOptions(cert="no"))), "no file"),
        (lambda cases: Run(cases, Load(), RunSettings(http=HttpOptions(proxy="x:1"))), "http://"),
        (lambda cases: Run(cases, Load(), RunSettings(id_header="X Y")), "name of a header"),
        (lambda cases: Run(cases, Load(), plugins=PluginPool), "the class PluginPool"),
        (lambda cases: Run(cases, Load(), plugins="debugtalk.py"), "PluginPool() as pool"),
        (lambda cases: Run(cases, Load(), out=3), "out must be a path"),
        (lambda cases: Run(cases, Load(), out=""), "out must be a path"),
        (lambda cases: Run(cases, Load(), name=3), "name must be a text"),
        (lambda cases: Run(cases, Load(), tags=["x"]), "tags must be"),
        (lambda cases: Run(cases, Load(), tags={"build": 17}), "tags must be"),
        (lambda cases: load_cases("nowhere.yml"), "no such file"),
        (lambda cases: load_cases([]), "no test case"),
        (lambda cases: load_cases([3]), "is not a path"),
        (lambda cases: load_cases(None), "is not a path"),
        (lambda cases: load_cases(DEMO_CASE, {"N": 3}), "env must map"),
        (lambda cases: load_cases(DEMO_CASE, "A=3"), "env must map"),
    ],
)
def test_a_wrong_argument_is_refused_with_what_to_pass(
    made: Callable[[Any], object], named: str, cases: Sequence[Case]
) -> None:
    with pytest.raises(BoomtalkError) as caught:
        made(cases)
    assert named in f"{caught.value} ({caught.value.hint})"


async def prepare_twice(run: Run) -> None:
    await run.prepare()
    await run.prepare()


async def execute_unprepared(run: Run) -> None:
    await run.execute()


async def execute_twice(run: Run) -> None:
    await run.prepare()
    await run.execute()
    await run.execute()


async def watch_unprepared(run: Run) -> None:
    async for _ in run.seconds():
        pass


async def watch_what_nobody_executes(run: Run) -> None:
    await run.prepare()
    async for _ in run.seconds():
        pass


@pytest.mark.parametrize(
    ("steps", "hint"),
    [
        (prepare_twice, "make a new Run"),
        (execute_unprepared, "await run.prepare() first"),
        (execute_twice, "make a new Run"),
        (watch_unprepared, "await run.prepare() first"),
        (watch_what_nobody_executes, "create_task"),
    ],
)
def test_a_wrong_order_is_refused_with_what_to_do(
    steps: Callable[[Run], Awaitable[None]],
    hint: str,
    cases: Sequence[Case],
    target: TargetProcess,
) -> None:
    run = Run(cases, Load(iterations=1), RunSettings(base_url=target.url))

    async def main() -> None:
        await steps(run)

    with pytest.raises(UsageError) as caught:
        asyncio.run(main())
    assert hint in caught.value.hint


def test_a_case_with_functions_needs_plugins() -> None:
    run = Run(load_cases(DEMO_CASE).cases, Load())
    with pytest.raises(UsageError, match=r"debugtalk\.py") as caught:
        asyncio.run(run.prepare())
    assert "plugins=pool" in caught.value.hint


def test_a_pool_must_be_open_so_that_it_is_closed(no_leftovers: Auditor) -> None:
    run = Run(load_cases(DEMO_CASE).cases, Load(), plugins=PluginPool())
    with pytest.raises(UsageError, match="not open") as caught:
        asyncio.run(run.prepare())
    assert "async with" in caught.value.hint


def test_a_threshold_on_an_unknown_step_is_told_when_the_run_is_prepared(
    cases: Sequence[Case], target: TargetProcess
) -> None:
    settings = RunSettings(base_url=target.url, thresholds=["p(95){list item}<3"])
    run = Run(cases, Load(), settings)
    with pytest.raises(UsageError) as caught:
        asyncio.run(run.prepare())
    assert "'list items'" in caught.value.hint
    report = run.outcome().report()
    assert (report["stopped_by"], report["exit_code"]) == (None, None)


def test_the_directory_of_another_run_is_refused_before_anything_is_sent(
    cases: Sequence[Case], target: TargetProcess, tmp_path: Path
) -> None:
    async def main() -> Outcome:
        settings = RunSettings(base_url=target.url)
        run = Run(cases, Load(iterations=1), settings, out=tmp_path / "run")
        await run.prepare()
        return await run.execute()

    asyncio.run(main())
    with pytest.raises(UsageError, match="results of another run"):
        asyncio.run(main())
    assert target.stats()["requests"] == 1


def test_write_is_told_which_files(cases: Sequence[Case], target: TargetProcess) -> None:
    outcome = Run(cases, Load(), RunSettings(base_url=target.url)).outcome()
    with pytest.raises(UsageError, match="names no file"):
        outcome.write()
    with pytest.raises(UsageError, match="json must be a path"):
        outcome.write(json=ANY or 3)
    with pytest.raises(UsageError, match="csv must be a path"):
        outcome.write(csv="")
