"""A load test from its flags: cases, engine, plugins, screen and files wired up for one run."""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache, partial
from typing import TYPE_CHECKING, NoReturn

from boomtalk.engine.case.model import Case
from boomtalk.engine.load.load_run import LoadRun
from boomtalk.engine.load.run import Run
from boomtalk.engine.output.lines import LineFile
from boomtalk.engine.record.directory import RunDirectory
from boomtalk.engine.report.json_report import About
from boomtalk.engine.report.result_files import ResultFiles
from boomtalk.engine.report.samples import line_of, sample_file
from boomtalk.engine.signals import signal_code, stopped_by_signals
from boomtalk.engine.stop import Stop, Stopped, unless_stopped
from boomtalk.plugins import PluginPool
from boomtalk.version import VERSION

from ..flags.output import LoadOutputFlags
from . import on_demand
from .case_files import load
from .exports import exported
from .load_task import LoadTask
from .load_test import LoadTest
from .log import Log, opened_log
from .loop import run_on_loop
from .results import LoadResults
from .run_folder import RunFolder, run_folder
from .screen import Screen, Silence

if TYPE_CHECKING:  # only a run with a live page imports it
    from boomtalk.engine.live_page.feed import Feed


def load_and_exit(test: LoadTest) -> NoReturn:
    """Run the test on uvloop and exit with its code; raises BoomtalkError."""
    # The modules stay: no collection of garbage need look at them, nor the one before the load.
    gc.freeze()
    output = test.output
    needs_record = any((test.verdict.baseline, output.html, output.web))
    task = test.task
    with (
        opened_log(test.console) as log,
        run_folder(output, needs_record) as folder,
        # Made before shards take over the stdout of this process.
        _screen(test) as screen,
    ):
        code = run_on_loop(_run(test, task, folder, screen, log))()
    sys.exit(code)


def _screen(test: LoadTest) -> AbstractContextManager[Screen]:
    if test.console.quiet and not test.load_flags.dry_run:
        return nullcontext(Silence())
    files = (*ResultFiles.of(test.output).paths, test.output.samples)
    return on_demand.load_screen(*files, no_color=test.console.no_color, plain=test.console.plain)


async def _run(
    test: LoadTest, task: LoadTask, folder: RunFolder | None, screen: Screen, log: Log
) -> Callable[[], int]:
    """Run the test; return the rest: to print the summary and give the exit code."""
    if test.shards.are_wanted:
        on_demand.check_shards(test.shards, task, test.output, test.load_flags.dry_run)
    baseline = on_demand.baseline_of(test.verdict) if test.verdict.compares else None
    page = cache(on_demand.record_page) if test.output.html or test.output.web else None
    stop = Stop()
    announce = partial(_announce_stop, log, task.load.graceful_stop)
    with stopped_by_signals(stop, announce, log.last_words) as signals:
        cases, log = await load(task.files, task.settings, task.plugins, log)
        output = test.output
        files = ResultFiles.of(output)
        if not test.load_flags.dry_run:
            files.open()
        samples = _samples(test)
        # The live page outlives the run: those who watch it get the end and the whole page.
        async with AsyncExitStack() as pages:
            async with _opened(test, task, cases, stop, samples, log) as run:
                if not await _is_prepared(run, stop, log):
                    return partial(signal_code, stop.signal)
                if test.load_flags.dry_run:
                    screen.show_plan(task, run)
                    return lambda: 0
                about = _about(output, log)
                async with exported(output, run, log):
                    live = await _live(output, run, log, pages)
                    directory = _directory(folder, cases, about)
                    places = files, directory, samples, about, screen, log, baseline, page, live
                    results = LoadResults(test, task.load, *places)
                    saved = signals.saved_by(partial(results.save, run))
                    with samples or nullcontext(), directory or nullcontext(), saved:
                        outcome = await results.watch(run, cases)
            is_kept = folder is not None and folder.is_kept
            return results.finish(outcome, is_kept=is_kept)


async def _is_prepared(run: LoadRun, stop: Stop, log: Log) -> bool:
    """Prepare the run and log its warnings; return False if it was stopped meanwhile."""
    try:
        await unless_stopped(run.prepare(), stop)
    except Stopped:
        return False
    for warning in run.warnings:
        log.warn(warning)
    return True


def _announce_stop(log: Log, grace: float) -> None:
    log.warn(f"stopping: up to {grace:g} s for what is under way; again to cut it")


def _directory(
    folder: RunFolder | None, cases: Sequence[Case], about: About
) -> RunDirectory | None:
    return None if folder is None else folder.directory(cases, about.started_at)


async def _live(
    output: LoadOutputFlags, run: LoadRun, log: Log, pages: AsyncExitStack
) -> Feed | None:
    """Serve the live page, if it is wanted, until `pages` ends."""
    if output.web is None:
        return None
    return await pages.enter_async_context(on_demand.live_page(output.web, run, log))


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
        async with on_demand.sharded(test.shards, task, test.output, cases, stop, log) as run:
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


def _about(output: LoadOutputFlags, log: Log) -> About:
    command = log.secrets.command(["boomtalk", *sys.argv[1:]])
    return About(VERSION, command, output.name, output.tags, datetime.now(UTC))


def _samples(test: LoadTest) -> LineFile | None:
    path = test.output.samples
    return sample_file(path) if path is not None and not test.load_flags.dry_run else None
