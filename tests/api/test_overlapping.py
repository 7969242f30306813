"""Test several runs in one process, at the same time and one after the other."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable
from pathlib import Path

from boomtalk.engine import Load, Outcome, Ramp, Run, RunSettings, load_cases, run_load
from boomtalk.examples import DEMO_CASE
from boomtalk.examples.target import TargetProcess
from boomtalk.plugins import PluginPool

from tests.support.processes import Auditor


async def run(url: str, iterations: int) -> Outcome:
    loaded = load_cases([DEMO_CASE])
    async with PluginPool() as plugins:
        load = Load(Ramp(5), iterations=iterations)
        return await run_load(loaded.cases, load, RunSettings(base_url=url), plugins=plugins)


def test_two_runs_at_once_and_one_after_share_nothing(
    target: TargetProcess, no_leftovers: Auditor
) -> None:
    async def main() -> list[Outcome]:
        first, second = await asyncio.gather(run(target.url, 10), run(target.url, 20))
        return [first, second, await run(target.url, 30)]

    outcomes = asyncio.run(main())
    started = [outcome.snapshot.iterations.completed for outcome in outcomes]
    assert started == [10, 20, 30]
    assert sum(one.wire.requests for one in outcomes) == target.stats()["requests"]
    assert all(one.snapshot.accounting.in_flight == 0 for one in outcomes)


def test_a_plain_function_can_stand_in_for_the_plugins(
    target: TargetProcess, tmp_path: Path
) -> None:
    case = tmp_path / "case.yml"
    case.write_text("config: {name: x}\nteststeps: [{request: {method: GET, url: /}}]\n")

    async def main() -> Outcome:
        loaded = load_cases([case])
        return await run_load(loaded.cases, Load(iterations=3), RunSettings(base_url=target.url))

    outcome = asyncio.run(main())
    assert outcome.stopped_by == "iterations"
    assert outcome.snapshot.accounting.ok == target.stats()["requests"] == 3


def test_the_settings_of_the_process_are_as_before_when_overlapping_runs_have_ended(
    endless: Callable[..., Run],
) -> None:
    """Signals, their timers and the collector belong to the process, not to a run."""

    def settings() -> list[object]:
        handlers = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
        timer = signal.getitimer(signal.ITIMER_VIRTUAL)
        return [*handlers, timer, [*gc.callbacks], gc.get_threshold()]

    async def main() -> tuple[object, object]:
        first, second = endless(), endless()
        await first.prepare()
        await second.prepare()
        one = asyncio.create_task(first.execute())
        async for _ in first.seconds():
            break
        two = asyncio.create_task(second.execute())
        async for _ in second.seconds():
            break
        both = gc.get_threshold()
        await first.stop()
        await one
        alone = gc.get_threshold()
        await second.stop()
        await two
        return both, alone

    before = settings()
    both, alone = asyncio.run(main())
    assert settings() == before
    assert both == alone != before[-1]
