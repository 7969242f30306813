"""A functional test from its flags: cases, engine, plugins, screen and reports of one run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NoReturn

from boomtalk.engine.case.model import Case
from boomtalk.engine.errors import UsageError
from boomtalk.engine.functional.functional_run import FunctionalRun
from boomtalk.engine.functional.html_report import html_of
from boomtalk.engine.functional.junit_report import junit_of
from boomtalk.engine.functional.results import Results
from boomtalk.engine.functional.screen import RunScreen, Silence
from boomtalk.engine.functional.summary import json_of, summary_of, with_exports
from boomtalk.engine.http.network import Network
from boomtalk.engine.output.files import deliver_all, probe
from boomtalk.engine.output.masking import Mask
from boomtalk.engine.settings import RunSettings
from boomtalk.engine.signals import signal_code, stopped_by_signals
from boomtalk.engine.stop import Stop, Stopped, unless_stopped
from boomtalk.plugins import PluginPool
from boomtalk.version import VERSION
from msgspec import Struct, field
from rich.console import Console

from ..flags.output import CaseOutputFlags, ConsoleFlags
from ..flags.plugin import PluginFlags
from ..flags.target import TargetFlags
from ..flags.verdict import CaseVerdictFlags
from ..flags.watch import WatchFlags
from .case_files import CaseFiles, load
from .console import console_for, queued_console
from .log import Log, opened_log
from .loop import run_on_loop
from .repeating import repeat
from .watched_files import WatchedFiles


class FunctionalTest(Struct, frozen=True):
    """A functional test as asked for on the command line."""

    paths: Sequence[str]
    target: TargetFlags
    plugin: PluginFlags
    console: ConsoleFlags
    stop_on_plugin_loss: bool = True
    verdict: CaseVerdictFlags = field(default_factory=CaseVerdictFlags)
    output: CaseOutputFlags = field(default_factory=CaseOutputFlags)

    @property
    def files(self) -> CaseFiles:
        return CaseFiles.of(self.paths, self.target, self.console.names)

    @property
    def settings(self) -> RunSettings:
        return RunSettings(
            http=self.target.http,
            base_url=self.target.base_url,
            stop_on_plugin_loss=self.stop_on_plugin_loss,
        )


class _Reports(Struct, frozen=True):
    """The report files that are wanted; any may be None."""

    json: Path | None
    html: Path | None
    junit: Path | None
    unnamed: Mapping[str, Path] = field(default_factory=dict)

    @classmethod
    def of(cls, flags: CaseOutputFlags) -> _Reports:
        """Return the files that flags name, and those of HttpRunner's flags, `unnamed`."""
        folder = Path("results") / f"{datetime.now():%Y%m%d%H%M%S}"
        unnamed = {}
        if flags.save_tests and flags.json is None:
            unnamed["summary"] = folder / "summary.json"
        if flags.gen_html_report and flags.html is None:
            unnamed["page"] = folder / "report.html"
        json, html = flags.json or unnamed.get("summary"), flags.html or unnamed.get("page")
        return cls(json, html, flags.junit, unnamed)

    @property
    def paths(self) -> tuple[Path | None, ...]:
        return (self.json, self.html, self.junit)

    def probe(self) -> None:
        """Make sure that the files can be written; raises UsageError."""
        for path in self.paths:
            if path is not None and str(path) != "-":
                try:
                    probe(path)
                except OSError as error:
                    raise UsageError(f"cannot write {path}: {error.strerror}") from error

    def write(self, results: Results, mask: Mask) -> None:
        """Write every file that is wanted; raises ResultsError."""
        if not any(self.paths):
            return
        summary = summary_of(results, VERSION, mask)
        exported = with_exports(summary, results, mask)
        forms = (partial(json_of, exported), partial(html_of, summary), partial(junit_of, summary))
        deliver_all(zip(self.paths, forms, strict=True))


def run_and_exit(test: FunctionalTest, again: WatchFlags) -> NoReturn:
    """Run the cases and exit with the code of the run; raises BoomtalkError."""
    sys.exit(_once_or_again(test, again, _run_once))


def check_and_exit(test: FunctionalTest, again: WatchFlags) -> NoReturn:
    """Load and compile everything, send nothing, and exit; raises BoomtalkError."""
    sys.exit(_once_or_again(test, again, _check_once))


def _once_or_again(
    test: FunctionalTest, again: WatchFlags, once: Callable[[FunctionalTest], int]
) -> int:
    """Return the exit code; with --watch that of the signal that ends it."""
    if not again.watch:
        return once(test)
    written = (*_Reports.of(test.output).paths, test.console.log_file)
    files = WatchedFiles.of(test.paths, [test.target.env_file], written)
    return repeat(partial(once, test), files, console_for())


def _run_once(test: FunctionalTest) -> int:
    reports = _Reports.of(test.output)
    color = test.console.no_color
    with opened_log(test.console) as log:
        reports.probe()
        with queued_console(*reports.paths, no_color=color, plain=True) as console:
            return run_on_loop(_run(test, reports, console, log))


def _check_once(test: FunctionalTest) -> int:
    color = test.console.no_color
    with opened_log(test.console) as log, queued_console(no_color=color, plain=True) as console:
        return run_on_loop(_check(test, console, log))


async def _run(test: FunctionalTest, reports: _Reports, console: Console, log: Log) -> int:
    stop = Stop()
    with stopped_by_signals(stop, lambda: log.warn("interrupted"), log.last_words) as signals:
        cases, log = await load(test.files, test.settings, test.plugin.options, log)
        listener = _listener(test, console, log.secrets)
        async with PluginPool(test.plugin.options, log) as pool:
            run = FunctionalRun(
                cases=cases,
                listener=listener,
                settings=test.settings,
                plugins=pool,
                keeps_going=test.verdict.continue_on_failure,
                case_timeout=test.verdict.case_timeout,
                warn=log.warn,
            )
            try:
                await unless_stopped(run.prepare(), stop)
            except Stopped:
                return signal_code(stop.signal)
            with signals.saved_by(partial(_save, run, stop, reports, log)):
                results = await run.execute(stop)
        reports.write(results, log.secrets)
        listener.close(results)
        if not test.console.quiet:
            for name, path in reports.unnamed.items():
                console.print(f"{name:<11} {path}", soft_wrap=True)
        return _exit_code(results, pool, stop.signal)


def _save(run: FunctionalRun, stop: Stop, reports: _Reports, log: Log) -> int:
    """Write the results of a run whose loop is blocked; return the exit code."""
    reports.write(run.cut(), log.secrets)
    return signal_code(stop.signal)


async def _check(test: FunctionalTest, console: Console, log: Log) -> int:
    stop = Stop()
    with stopped_by_signals(stop, lambda: log.warn("interrupted"), log.last_words):
        cases, log = await load(test.files, test.settings, test.plugin.options, log)
        async with PluginPool(test.plugin.options, log) as pool:
            run = FunctionalRun(
                cases=cases, listener=Silence(), settings=test.settings, plugins=pool
            )
            try:
                await unless_stopped(run.prepare(), stop)
            except Stopped:
                return signal_code(stop.signal)
            await Network(test.settings.http).close()
    if not test.console.quiet:
        _show_amounts(cases, console)
    return 0


def _show_amounts(cases: Sequence[Case], console: Console) -> None:
    steps = sum(len(case.steps) for case in cases)
    console.print(f"{_amount(len(cases), 'case')} with {_amount(steps, 'step')} can run")


def _amount(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _listener(test: FunctionalTest, console: Console, mask: Mask) -> RunScreen | Silence:
    if test.console.quiet:
        return Silence()
    return RunScreen(console, mask, test.output.verbose)


def _exit_code(results: Results, pool: PluginPool, signal: int | None) -> int:
    if any(plugin.state == "given up" for plugin in pool.snapshots()):
        return 3
    if results.interrupted:
        return signal_code(signal)
    return 0 if results.passed else 1
