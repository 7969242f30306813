"""A load test from its parts: engine, plugins, screen and files wired up for one run."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from importlib import metadata
from typing import TYPE_CHECKING, NoReturn

from .baseline import baseline_of, recorded
from .load_test import LoadTest
from .loading import load, signal_code, unless_stopped
from .results import Results
from .sharding import check_shards, sharded
from .streams import streaming
from .voices import Log, console_for, opened_log

if TYPE_CHECKING:
    from boomtalk.engine import Run
    from boomtalk.engine.case.model import Case
    from boomtalk.engine.load.stop import Stop
    from boomtalk.engine.output.lines import LineFile
    from boomtalk.engine.record.directory import RunDirectory
    from boomtalk.engine.report.json_report import About
    from boomtalk.engine.shards.sharded_run import ShardedRun
    from boomtalk.plugins import PluginPool
    from rich.console import Console


def exit_with(test: LoadTest) -> NoReturn:
    """Run the test on uvloop and exit with its code; raises BoomtalkError."""
    import uvloop

    with opened_log(test.screen) as log, recorded(test) as test:
        sys.exit(uvloop.run(_boom(test, log)))


async def _boom(test: LoadTest, log: Log) -> int:
    from boomtalk.engine.load.stop import Stop, stopped_by_signals
    from boomtalk.engine.report.result_files import ResultFiles
    from boomtalk.engine.scenario.context import CompileContext

    check_shards(test)
    baseline = baseline_of(test)
    stop = Stop()
    grace = test.load.graceful_stop

    def announce() -> None:
        log("warning", f"stopping: up to {grace:g} s for what is under way; again to cut it")

    with stopped_by_signals(stop, announce):
        plan = CompileContext(test.http, test.base_url)
        loaded = await load(test.paths, test.environment, test.env_file, plan, test.plugins, log)
        files = ResultFiles(test.json, test.csv, test.junit, test.html, test.markdown)
        if not test.dry_run:
            files.open()
        samples = _samples(test)
        # Before shards have the stdout of this process for themselves.
        console = _console(test)
        async with _opened(test, loaded.cases, stop, samples, log) as run:
            if not await unless_stopped(run.prepare(), stop):
                return signal_code(stop.signal)
            for warning in run.warnings:
                log("warning", warning)
            if test.dry_run:
                return _show_plan(test, run, console)
            about = _about(test, datetime.now(UTC))
            async with streaming(test, run, log):
                directory = _directory(test, loaded.cases, about)
                results = Results(test, files, directory, samples, about, console, log, baseline)
                with samples or nullcontext(), directory or nullcontext():
                    outcome = await results.watch(run, loaded.cases)
        return results.tell(outcome, run.plugins.snapshots())


@asynccontextmanager
async def _opened(
    test: LoadTest, cases: Sequence[Case], stop: Stop, samples: LineFile | None, log: Log
) -> AsyncIterator[Run | ShardedRun]:
    """Open the run in this process, or on shards; what it started ends with it."""
    from boomtalk.plugins import PluginPool

    # A plan is made of the whole load, and nothing is sent.
    if test.is_sharded and not test.dry_run:
        async with sharded(test, cases, stop, log) as run:
            yield run
        return
    async with PluginPool(test.plugins, log) as pool:
        yield _make_run(test, cases, pool, stop, samples, log)


def _make_run(
    test: LoadTest,
    cases: Sequence[Case],
    pool: PluginPool,
    stop: Stop,
    samples: LineFile | None,
    log: Log,
) -> Run:
    from boomtalk.engine import Run
    from boomtalk.engine.report.samples import line_of

    run = Run(
        cases,
        test.load,
        http=test.http,
        base_url=test.base_url,
        plugins=pool,
        stop=stop,
        stop_on_plugin_loss=test.stop_on_plugin_loss,
        recycles_rows=test.recycles_rows,
        thresholds=test.thresholds,
        abort_on_threshold=test.abort_on_threshold,
        id_header=test.id_header,
        take_sample=None if samples is None else lambda sample: samples.add(line_of(sample)),
    )
    run.stats.errors.mask = log.mask_text
    run.stats.errors.tell = partial(log, "warning")
    return run


def _show_plan(test: LoadTest, run: Run | ShardedRun, console: Console) -> int:
    from boomtalk.engine.load.machine import this_machine
    from boomtalk.engine.load.preflight import needs_of
    from boomtalk.engine.report.dry_run import plan

    needs = needs_of(test.load, test.http)
    told = plan(test.load, needs, this_machine(), run.row_stocks, run.snapshot())
    console.print(told)
    return 0


def _console(test: LoadTest) -> Console:
    files = (test.json, test.csv, test.junit, test.html, test.markdown, test.samples)
    return console_for(test.screen, *files)


def _about(test: LoadTest, started_at: datetime) -> About:
    from boomtalk.engine.report.json_report import About

    command = ["boomtalk", *sys.argv[1:]]
    return About(metadata.version("boomtalk"), command, test.name, test.tags, started_at)


def _samples(test: LoadTest) -> LineFile | None:
    from boomtalk.engine.report.samples import sample_file

    return sample_file(test.samples) if test.samples is not None and not test.dry_run else None


def _directory(test: LoadTest, cases: Sequence[Case], about: About) -> RunDirectory | None:
    from boomtalk.engine.record.directory import RunDirectory, new_directory

    if test.out is None:
        return None
    if test.is_out_given:
        return RunDirectory(test.out)
    name = str(cases[0].config.name.value)
    return RunDirectory(new_directory(test.out, name, about.started_at))
