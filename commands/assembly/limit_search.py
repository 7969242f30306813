"""The search for the limit: one short open load after the other, on one pool of plugins."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn

from boomtalk.engine.case.model import Case
from boomtalk.engine.load.load_run import Outcome
from boomtalk.engine.load.parsing import shape_of
from boomtalk.engine.load.run import Run
from boomtalk.engine.load.search import Trial, limit, next_rate
from boomtalk.engine.load.shape import Load
from boomtalk.engine.measure.thresholds import Threshold, parse_threshold
from boomtalk.engine.output.files import deliver
from boomtalk.engine.output.json_text import json_page
from boomtalk.engine.report.curve import HEAD, conclusion, line_of, point_of
from boomtalk.engine.settings import RunSettings
from boomtalk.engine.signals import signal_code, stopped_by_signals
from boomtalk.engine.stop import Stop, Stopped, unless_stopped
from boomtalk.plugins import PluginPool
from msgspec import Struct, field

from ..flags.output import ConsoleFlags
from ..flags.plugin import PluginRunFlags
from ..flags.search import SearchFlags
from ..flags.target import TargetFlags
from .case_files import CaseFiles, load
from .console import queued_console
from .log import Log, opened_log
from .loop import run_on_loop

Show = Callable[..., None]

_FEW_ERRORS = "error_rate<1%"


class LimitSearch(Struct, frozen=True):
    """A search as asked for on the command line; rates are starts per second."""

    paths: Sequence[str]
    flags: SearchFlags
    target: TargetFlags
    plugin: PluginRunFlags
    console: ConsoleFlags

    @property
    def settings(self) -> RunSettings:
        return RunSettings(
            http=self.target.http,
            base_url=self.target.base_url,
            stop_on_plugin_loss=self.plugin.stop_on_loss,
            recycle_rows=self.flags.on_data_end == "recycle",
            thresholds=self.rules,
        )

    @property
    def rules(self) -> list[Threshold]:
        """The rules for a rate that holds; without one on errors, few may fail."""
        given = self.flags.threshold or []
        if any(rule.limits_errors for rule in given):
            return given
        return [*given, parse_threshold(_FEW_ERRORS)]

    @property
    def rule_texts(self) -> list[str]:
        return [rule.expression for rule in self.rules]

    def load_at(self, rate: float) -> Load:
        """Return the load of the trial at this rate."""
        flags = self.flags
        shape = shape_of(None, None, (), rate, flags.max_users)
        return Load(shape, duration=flags.step, graceful_stop=flags.step, seed=flags.seed)


class _Curve(Struct):
    """The trials so far, and what ended them before the search was over."""

    points: list[dict[str, Any]] = field(default_factory=list)
    signal: int | None = None
    has_lost_plugin: bool = False
    has_no_load: bool = False

    @property
    def is_cut(self) -> bool:
        return self.signal is not None or self.has_lost_plugin or self.has_no_load

    @property
    def trials(self) -> list[Trial]:
        return [Trial(point["rate_per_second"], point["held"]) for point in self.points]

    @property
    def exit_code(self) -> int:
        if self.has_lost_plugin:
            return 3
        if self.signal is not None:
            return signal_code(self.signal)
        return 1 if self.has_no_load else 0

    def add(self, rate: float, load: Load, outcome: Outcome) -> str:
        """Add a trial and return its line."""
        self.has_lost_plugin = any(plugin.state == "given up" for plugin in outcome.plugins)
        self.points.append(point_of(rate, load, outcome))
        return line_of(self.points[-1])


def search_and_exit(search: LimitSearch) -> NoReturn:
    """Search, print the curve as it comes, and exit; raises BoomtalkError."""
    color = search.console.no_color
    with (
        opened_log(search.console) as log,
        queued_console(search.flags.json, no_color=color) as console,
    ):
        show = _silent if search.console.quiet else console.print
        code = run_on_loop(_search(search, show, log))
    sys.exit(code)


async def _search(search: LimitSearch, show: Show, log: Log) -> int:
    stop, curve = Stop(), _Curve()
    save = partial(_write, curve, search)
    with stopped_by_signals(stop, lambda: log.warn("stopping"), log.last_words) as signals:
        files = CaseFiles.of(search.paths, search.target, search.console.names)
        cases, log = await load(files, search.settings, search.plugin.options, log)
        show(f"a rate holds if {', '.join(search.rule_texts)} and no start is dropped")
        show(HEAD, style="bold")
        with signals.saved_by(lambda: save() or signal_code(stop.signal)):
            await _try_rates(search, cases, curve, stop, show, log)
        show(conclusion(limit(curve.trials), curve.points), style="bold")
        save()
    return curve.exit_code


def _write(curve: _Curve, search: LimitSearch) -> None:
    if search.flags.json is not None:
        found = {
            "schema": 1,
            "limit_per_second": limit(curve.trials),
            "thresholds": search.rule_texts,
            "trials": curve.points,
        }
        deliver(search.flags.json, json_page(found))


async def _try_rates(
    search: LimitSearch, cases: Sequence[Case], curve: _Curve, stop: Stop, show: Show, log: Log
) -> None:
    """Run trials until the limit is known, or a signal or a lost plugin ends the search."""
    flags = search.flags
    async with PluginPool(search.plugin.options, log) as pool:
        while not curve.is_cut:
            rate = next_rate(curve.trials, flags.first, flags.most, flags.precision)
            if rate is None:
                break
            load = search.load_at(rate)
            run = Run(cases, load, search.settings, plugins=pool, stop=Stop(), log=log)
            outcome = await _trial(run, stop, log)
            if outcome is None:
                curve.signal = stop.signal
            elif outcome.stopped_by == "setup":
                curve.has_no_load = True
            else:
                show(curve.add(rate, load, outcome))


async def _trial(run: Run, stop: Stop, log: Log) -> Outcome | None:
    """Return the outcome of one trial, None if a signal cut it."""
    passing = asyncio.create_task(_pass_on(stop, run.stop))
    try:
        await unless_stopped(run.prepare(), run.stop)
        for warning in run.warnings:
            log.warn(warning)
        outcome = await run.execute()
    except Stopped:
        return None
    finally:
        passing.cancel()
    return None if stop.is_requested else outcome


async def _pass_on(stop: Stop, trial: Stop) -> None:
    """Stop the trial as the search is stopped; at its own end each trial stops itself."""
    await stop.requested()
    trial.request("signal")
    await stop.forced()
    trial.force()


def _silent(*_: Any, **__: Any) -> None:
    pass
