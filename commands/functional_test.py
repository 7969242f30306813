"""A functional run from its parts: engine, plugins, screen and files wired up for one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from .loading import load, signal_code, unless_stopped
from .voices import Log, Screen, console_for, opened_log

if TYPE_CHECKING:
    from boomtalk.engine import HttpOptions
    from boomtalk.engine.case.model import Case
    from boomtalk.engine.functional.results import Results
    from boomtalk.engine.functional.screen import RunScreen, Silence
    from boomtalk.engine.output.masking import Mask
    from boomtalk.plugins import PluginOptions, PluginPool


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionalTest:
    """A functional run as asked for on the command line."""

    paths: Sequence[str]
    http: HttpOptions
    plugins: PluginOptions
    screen: Screen
    environment: Mapping[str, str] = field(default_factory=dict)
    env_file: Path | None = None
    base_url: str | None = None
    keeps_going: bool = False
    stops_on_plugin_loss: bool = True
    case_timeout: float | None = None
    verbose: bool = False
    json: Path | None = None
    html: Path | None = None
    junit: Path | None = None


def results_folder(now: datetime) -> Path:
    """Return where HttpRunner would put its summary and report."""
    return Path("results") / f"{now:%Y%m%d%H%M%S}"


async def run_functional(test: FunctionalTest) -> int:
    """Run the cases and return the exit code; raises BoomtalkError."""
    with opened_log(test.screen) as log:
        _probe(test)
        return await _run(test, log)


async def check_functional(test: FunctionalTest) -> int:
    """Load and compile everything, send nothing, and return the exit code; raises BoomtalkError."""
    from boomtalk.engine.functional.functional_run import FunctionalRun, network_of
    from boomtalk.engine.functional.screen import Silence
    from boomtalk.engine.load.stop import Stop, stopped_by_signals
    from boomtalk.plugins import PluginPool

    stop = Stop()
    with opened_log(test.screen) as log, stopped_by_signals(stop, _announcement(log)):
        cases = await _load(test, log)
        async with PluginPool(test.plugins, log) as pool:
            run = FunctionalRun(
                cases=cases,
                listener=Silence(),
                http=test.http,
                base_url=test.base_url,
                plugins=pool,
            )
            if not await unless_stopped(run.prepare(), stop):
                return signal_code(stop.signal)
            await network_of(test.http).close()
    if not test.screen.quiet:
        told = _amount(len(cases), "case"), _amount(sum(len(case.steps) for case in cases), "step")
        console_for(test.screen).print(f"{told[0]} with {told[1]} can run")
    return 0


def _amount(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _announcement(log: Log) -> Callable[[], None]:
    return lambda: log("warning", "interrupted")


async def _load(test: FunctionalTest, log: Log) -> Sequence[Case]:
    from boomtalk.engine.scenario.context import CompileContext

    plan = CompileContext(test.http, test.base_url)
    loaded = await load(test.paths, test.environment, test.env_file, plan, test.plugins, log)
    return loaded.cases


async def _run(test: FunctionalTest, log: Log) -> int:
    from boomtalk.engine.functional.functional_run import FunctionalRun
    from boomtalk.engine.load.stop import Stop, stopped_by_signals
    from boomtalk.engine.output.masking import Mask
    from boomtalk.plugins import PluginPool

    stop = Stop()
    with stopped_by_signals(stop, _announcement(log)):
        cases = await _load(test, log)
        mask = Mask.of(cases)
        listener = _listener(test, mask)
        async with PluginPool(test.plugins, log) as pool:
            run = FunctionalRun(
                cases=cases,
                listener=listener,
                http=test.http,
                base_url=test.base_url,
                plugins=pool,
                keeps_going=test.keeps_going,
                stops_on_plugin_loss=test.stops_on_plugin_loss,
                case_timeout=test.case_timeout,
            )
            if not await unless_stopped(run.prepare(), stop):
                return signal_code(stop.signal)
            results = await run.execute(stop)
        listener.close(results)
        _write(test, results, mask)
        return _exit_code(results, pool, stop.signal)


def _listener(test: FunctionalTest, mask: Mask) -> RunScreen | Silence:
    from boomtalk.engine.functional.screen import RunScreen, Silence

    if test.screen.quiet:
        return Silence()
    console = console_for(test.screen, test.json, test.html, test.junit)
    return RunScreen(console, mask, test.verbose)


def _exit_code(results: Results, pool: PluginPool, signal: int | None) -> int:
    if any(view.state == "given up" for view in pool.snapshots()):
        return 3
    if results.interrupted:
        return signal_code(signal)
    return 0 if results.passed else 1


def _probe(test: FunctionalTest) -> None:
    """Make sure that the files can be written; raises UsageError."""
    from boomtalk.engine.errors import UsageError
    from boomtalk.engine.output.files import probe

    for path in (test.json, test.html, test.junit):
        if path is not None and str(path) != "-":
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                probe(path)
            except OSError as error:
                raise UsageError(f"cannot write {path}: {error.strerror}") from error


def _write(test: FunctionalTest, results: Results, mask: Mask) -> None:
    """Write every file that is wanted; raises ResultsError."""
    from boomtalk.engine.functional.html_report import html_of
    from boomtalk.engine.functional.junit_report import junit_of
    from boomtalk.engine.functional.summary import json_of, summary_of
    from boomtalk.engine.output.files import deliver

    summary = summary_of(results, metadata.version("boomtalk"), mask)
    for path, render in ((test.json, json_of), (test.html, html_of), (test.junit, junit_of)):
        if path is not None:
            deliver(path, render(summary))
