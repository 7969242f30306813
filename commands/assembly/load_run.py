"""A load test from its flags: cases, engine, plugins, screen and files wired up for one run."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from typing import NoReturn

import uvloop
from boomtalk.engine.case.model import Case
from boomtalk.engine.load.load_run import LoadRun
from boomtalk.engine.load.machine import this_machine
from boomtalk.engine.load.preflight import needs_of
from boomtalk.engine.load.run import Run
from boomtalk.engine.output.lines import LineFile
from boomtalk.engine.report.dry_run import plan
from boomtalk.engine.report.json_report import About
from boomtalk.engine.report.result_files import ResultFiles
from boomtalk.engine.report.samples import line_of, sample_file
from boomtalk.engine.signals import signal_code, stopped_by_signals
from boomtalk.engine.stop import Stop, Stopped, unless_stopped
from boomtalk.plugins import PluginPool
from rich.console import Console

from ..flags.output import LoadOutputFlags
from .baseline import baseline_of
from .case_files import load
from .console import Log, opened_log, queued_console
from .exports import exported
from .load_task import LoadTask, version
from .load_test import LoadTest
from .results import LoadResults
from .run_folder import RunFolder, run_folder
from .shards import check_shards, sharded


def load_and_exit(test: LoadTest) -> NoReturn:
    """Run the test on uvloop and exit with its code; raises BoomtalkError."""
    needs_record = test.verdict.baseline is not None or test.output.html is not None
    task = test.task
    with (
        opened_log(test.console) as log,
        run_folder(test.output, needs_record) as folder,
        # Made before shards take over the stdout of this process.
        _console(test) as console,
    ):
        code = uvloop.run(_run(test, task, folder, console, log))()
    sys.exit(code)


def _console(test: LoadTest) -> AbstractContextManager[Console]:
    files = (*ResultFiles.of(test.output).paths, test.output.samples)
    return queued_console(*files, no_color=test.console.no_color, plain=test.console.plain)


async def _run(
    test: LoadTest, task: LoadTask, folder: RunFolder | None, console: Console, log: Log
) -> Callable[[], int]:
    """Run the test; return the rest: to print the summary and give the exit code."""
    check_shards(test.shards, task, test.output, test.load_flags.dry_run)
    baseline = baseline_of(test.verdict)
    stop = Stop()
    grace = task.load.graceful_stop

    def announce() -> None:
        log.warn(f"stopping: up to {grace:g} s for what is under way; again to cut it")

    with stopped_by_signals(stop, announce, log.last_words) as signals:
        cases, log = await load(task.files, task.settings, task.plugins, log)
        output = test.output
        files = ResultFiles.of(output)
        if not test.load_flags.dry_run:
            files.open()
        samples = _samples(test)
        async with _opened(test, task, cases, stop, samples, log) as run:
            try:
                await unless_stopped(run.prepare(), stop)
            except Stopped:
                return partial(signal_code, stop.signal)
            for warning in run.warnings:
                log.warn(warning)
            if test.load_flags.dry_run:
                return _show_plan(task, run, console)
            about = _about(output, log)
            async with exported(output, run, log):
                directory = None if folder is None else folder.directory(cases, about.started_at)
                results = LoadResults(
                    test, task.load, files, directory, samples, about, console, log, baseline
                )
                saved = signals.saved_by(partial(results.save, run))
                with samples or nullcontext(), directory or nullcontext(), saved:
                    outcome = await results.watch(run, cases)
        is_kept = folder is not None and folder.is_kept
        return results.finish(outcome, is_kept=is_kept)


@asynccontextmanager
async def _opened(
    test: LoadTest,
    task: LoadTask,
    cases: Sequence[Case],
    stop: Stop,
    samples: LineFile | None,
    log: Log,
) -> AsyncIterator[LoadRun]:
    """Open the run in this process, or on shards; everything it started ends with it."""
    # A dry run plans the whole load here: nothing is sent.
    if test.shards.is_sharded and not test.load_flags.dry_run:
        async with sharded(test.shards, task, test.output, cases, stop, log) as run:
            yield run
        return
    async with PluginPool(task.plugins, log) as pool:
        yield Run(
            cases,
            task.load,
            task.settings,
            plugins=pool,
            stop=stop,
            log=log,
            take_sample=None if samples is None else lambda sample: samples.add(line_of(sample)),
        )


def _show_plan(task: LoadTask, run: LoadRun, console: Console) -> Callable[[], int]:
    needs = needs_of(task.load, task.settings.http)
    console.print(plan(task.load, needs, this_machine(), run.row_stocks, run.snapshot()))
    return lambda: 0


def _about(output: LoadOutputFlags, log: Log) -> About:
    command = log.secrets.command(["boomtalk", *sys.argv[1:]])
    return About(version(), command, output.name, output.tags, datetime.now(UTC))


def _samples(test: LoadTest) -> LineFile | None:
    path = test.output.samples
    return sample_file(path) if path is not None and not test.load_flags.dry_run else None
