"""Test a run inside another program: its seconds, its two ends, its figures and files."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from boomtalk.engine import (
    Case,
    Load,
    Outcome,
    Ramp,
    ResultsError,
    Run,
    RunSettings,
    UsageError,
    load_cases,
    run_load,
    second_as_dict,
)
from boomtalk.examples.target import TargetProcess

from tests.support.accounting import check_accounting

Endless = Callable[..., Run]


async def begun(run: Run) -> asyncio.Task[Outcome]:
    """Prepare and start a run, and wait for its first second."""
    await run.prepare()
    task = asyncio.create_task(run.execute())
    async for _ in run.seconds():
        break
    return task


def test_seconds_come_while_the_run_goes_on_and_add_up_to_its_report(
    endless: Endless, target: TargetProcess
) -> None:
    async def main() -> tuple[list[Any], list[Any], Outcome]:
        run = endless()
        early, late = [], []
        await run.prepare()
        task = asyncio.create_task(run.execute())
        async for second in run.seconds():
            early.append(second)
            if len(early) == 1:
                assert run.state == "running"
                await run.stop()
        late = [second async for second in run.seconds()]
        return early, late, await task

    early, late, outcome = asyncio.run(main())
    report = outcome.report()
    assert early == late
    assert [second_as_dict(second) for second in early] == report["seconds"]
    assert sum(second.ok for second in early) == report["accounting"]["ok"]
    assert report["accounting"]["ok"] == target.stats()["requests"] > 0
    check_accounting(report)


def test_stop_returns_when_the_run_has_ended(endless: Endless) -> None:
    async def main() -> tuple[Run, bool]:
        run = endless()
        task = await begun(run)
        await run.stop()
        await run.stop()
        return run, task.done() or run.state == "ended"

    run, has_ended = asyncio.run(main())
    outcome = run.outcome()
    assert has_ended
    assert (outcome.stopped_by, outcome.exit_code) == ("caller", 0)
    assert outcome.snapshot.iterations.interrupted == 0


def test_stop_now_cuts_what_is_under_way(tmp_path: Path, bad_server: Any) -> None:
    path = tmp_path / "slow.yml"
    path.write_text("config: {name: slow}\nteststeps: [{request: {method: GET, url: /never}}]\n")

    async def main() -> Outcome:
        settings = RunSettings(base_url=bad_server.url)
        run = Run(load_cases(path).cases, Load(Ramp(2)), settings)
        task = await begun(run)
        await run.stop(now=True)
        return await task

    outcome = asyncio.run(main())
    assert outcome.snapshot.accounting.cancelled == 2
    assert outcome.snapshot.accounting.in_flight == 0


def test_a_run_that_is_stopped_before_it_runs_sends_nothing(
    endless: Endless, target: TargetProcess
) -> None:
    async def main() -> Outcome:
        run = endless()
        await run.stop()
        await run.prepare()
        return await run.execute()

    outcome = asyncio.run(main())
    assert outcome.stopped_by == "caller"
    assert target.stats()["requests"] == 0


def test_a_cancelled_task_keeps_the_figures(
    endless: Endless, target: TargetProcess, tmp_path: Path
) -> None:
    async def main() -> Run:
        run = endless(out=tmp_path / "run")
        task = await begun(run)
        watching = asyncio.create_task(anext(aiter(run.seconds())))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await watching
        return run

    run = asyncio.run(main())
    report = run.outcome().report()
    assert run.state == "ended"
    assert report["stopped_by"] == "caller"
    check_accounting(report)
    assert report["accounting"]["ok"] <= target.stats()["requests"] <= report["wire"]["requests"]
    assert sum(second["ok"] for second in report["seconds"]) == report["accounting"]["ok"] > 0
    # Nothing goes on, not even the clock.
    assert run.outcome().report() == report
    assert orjson.loads((tmp_path / "run" / "report.json").read_bytes()) == report
    run.outcome().write(html=tmp_path / "page.html")
    assert b"list items" in (tmp_path / "page.html").read_bytes()


def test_a_timeout_around_a_run_is_a_cancellation(endless: Endless) -> None:
    run = endless()

    async def main() -> None:
        await run.prepare()
        async with asyncio.timeout(0.3):
            await run.execute()

    with pytest.raises(TimeoutError):
        asyncio.run(main())
    check_accounting(run.outcome().report())


def test_all_files_are_written_without_a_run_directory(
    cases: Sequence[Case], target: TargetProcess, tmp_path: Path
) -> None:
    files = {form: tmp_path / "new" / form for form in ("json", "html", "csv", "junit", "markdown")}
    settings = RunSettings(base_url=target.url, thresholds=["error_rate<1%", "issued>100"])
    load = Load(Ramp(2), iterations=10)
    made = run_load(cases, load, settings, name="nightly", tags={"build": "17"})
    outcome = asyncio.run(made)
    outcome.write(**files)
    report = json.loads(files["json"].read_text())
    assert report == outcome.report()
    assert (report["name"], report["tags"], report["exit_code"]) == ("nightly", {"build": "17"}, 1)
    assert [rule["passed"] for rule in report["thresholds"]] == [True, False]
    assert outcome.directory is None
    for form in ("html", "csv", "junit", "markdown"):
        assert "list items" in files[form].read_text()


def test_what_is_recorded_for_the_page_goes_with_the_outcome(
    cases: Sequence[Case],
    target: TargetProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    load = Load(iterations=1)
    outcome = asyncio.run(run_load(cases, load, RunSettings(base_url=target.url)))
    assert len([*(tmp_path / "temporary").iterdir()]) == 1
    del outcome
    gc.collect()
    assert [*(tmp_path / "temporary").iterdir()] == []


def test_one_file_that_cannot_be_written_costs_only_itself(
    cases: Sequence[Case], target: TargetProcess, tmp_path: Path
) -> None:
    load = Load(iterations=1)
    outcome = asyncio.run(run_load(cases, load, RunSettings(base_url=target.url)))
    (tmp_path / "taken").write_text("")
    with pytest.raises(ResultsError, match="taken"):
        outcome.write(json=tmp_path / "taken" / "report.json", csv=tmp_path / "steps.csv")
    assert "list items" in (tmp_path / "steps.csv").read_text()


def test_no_page_is_made_while_the_run_goes_on(endless: Endless, tmp_path: Path) -> None:
    async def main() -> None:
        run = endless()
        task = await begun(run)
        now = run.outcome()
        now.write(json=tmp_path / "now.json")
        with pytest.raises(UsageError, match="at the end"):
            now.write(html=tmp_path / "now.html")
        await run.stop()
        await task

    asyncio.run(main())
    assert json.loads((tmp_path / "now.json").read_text())["exit_code"] is None


def test_secrets_are_masked_in_log_report_and_directory(
    tmp_path: Path, target: TargetProcess, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / ".env").write_text("TOKEN=open-sesame-17\n")
    (tmp_path / "proj.json").write_text("{}")
    path = tmp_path / "case.yml"
    path.write_text(
        "config: {name: x}\nteststeps:\n"
        "  - request: {method: GET, url: '/?t=${ENV(TOKEN)}'}\n"
        "    validate: [{eq: ['${ENV(TOKEN)}', 1]}]\n"
    )
    cases = load_cases(path).cases
    assert cases[0].project.environment["TOKEN"] == "open-sesame-17"
    run = run_load(cases, Load(iterations=1), RunSettings(base_url=target.url), out=tmp_path / "r")
    with caplog.at_level(logging.WARNING, "boomtalk"):
        outcome = asyncio.run(run)
    written = [file.read_text() for file in (tmp_path / "r").iterdir()]
    assert len(written) == 2
    told = "".join((*written, json.dumps(outcome.report()), caplog.text))
    assert "open-sesame" not in told
    assert "***" in told


def test_a_run_works_in_a_thread_and_is_stopped_from_another(endless: Endless) -> None:
    run = endless()
    began = threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def main() -> None:
        loops.append(asyncio.get_running_loop())
        task = await begun(run)
        began.set()
        await task

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    assert began.wait(30)
    asyncio.run_coroutine_threadsafe(run.stop(), loops[0]).result(30)
    thread.join()
    check_accounting(run.outcome().report())


def test_a_record_that_is_lost_costs_neither_the_run_nor_its_figures(
    endless: Endless, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> Outcome:
        run = endless(out=tmp_path / "run")
        task = await begun(run)
        (tmp_path / "run" / "record.jsonl").unlink()
        await run.stop()
        return await task

    outcome = asyncio.run(main())
    check_accounting(outcome.report())
    assert outcome.exit_code == 4
    assert "it was removed" in str(outcome.incomplete)
    assert "it was removed" in caplog.text
    with pytest.raises(ResultsError, match="no page"):
        outcome.write(html=tmp_path / "page.html", csv=tmp_path / "steps.csv")
    assert (tmp_path / "steps.csv").exists()
