"""The search for the limit: one short open run after the other, on one pool of plugins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .loading import load, signal_code, unless_stopped
from .voices import Screen, console_for

if TYPE_CHECKING:
    from boomtalk.engine import HttpOptions, Load, Outcome, Run
    from boomtalk.engine.case.model import Case
    from boomtalk.engine.load.stop import Stop
    from boomtalk.engine.measure.thresholds import Threshold
    from boomtalk.plugins import PluginOptions, PluginPool

    from .voices import Log


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search as asked for on the command line; rates are starts per second."""

    paths: Sequence[str]
    environment: Mapping[str, str]
    env_file: Path | None
    base_url: str | None
    http: HttpOptions
    plugins: PluginOptions
    stop_on_plugin_loss: bool
    recycles_rows: bool
    thresholds: Sequence[Threshold]
    first: float
    most: float
    seconds: float
    precision: float
    max_users: int | None
    seed: int | None
    json: Path | None
    screen: Screen

    def load_at(self, rate: float) -> Load:
        """Return the load of the trial at this rate."""
        from boomtalk.engine import Load
        from boomtalk.engine.load.parsing import shape_of

        shape = shape_of(None, None, (), rate, self.max_users)
        return Load(shape, duration=self.seconds, graceful_stop=self.seconds, seed=self.seed)


@dataclass(slots=True)
class _Curve:
    """The trials so far, and what ended them before the search was over."""

    points: list[dict[str, Any]] = field(default_factory=list)
    signal: int | None = None
    has_lost_plugin: bool = False

    @property
    def is_cut(self) -> bool:
        return self.signal is not None or self.has_lost_plugin

    def next_rate(self, search: Search) -> float | None:
        from boomtalk.engine.load.search import next_rate

        return next_rate(self._trials(), search.first, search.most, search.precision)

    @property
    def limit(self) -> float | None:
        from boomtalk.engine.load.search import limit

        return limit(self._trials())

    @property
    def exit_code(self) -> int:
        if self.has_lost_plugin:
            return 3
        return 0 if self.signal is None else signal_code(self.signal)

    def _trials(self) -> list[Any]:
        from boomtalk.engine.load.search import Trial

        return [Trial(point["rate_per_second"], point["held"]) for point in self.points]


async def find(search: Search, log: Log) -> int:
    """Search, print the curve as it comes, and return the exit code; raises BoomtalkError."""
    from boomtalk.engine.output.files import deliver
    from boomtalk.engine.output.json_text import json_page
    from boomtalk.engine.report.curve import HEAD, conclusion
    from boomtalk.engine.scenario.context import CompileContext
    from boomtalk.plugins import PluginPool

    console, curve = console_for(search.screen, search.json), _Curve()
    show = (lambda *_, **__: None) if search.screen.quiet else console.print
    plan = CompileContext(search.http, search.base_url)
    loaded = await load(
        search.paths, search.environment, search.env_file, plan, search.plugins, log
    )
    show(HEAD, style="bold")
    async with PluginPool(search.plugins, log) as pool:
        while not curve.is_cut and (rate := curve.next_rate(search)) is not None:
            if (line := await _try(search, loaded.cases, rate, pool, curve, log)) is not None:
                show(line)
    show(conclusion(curve.limit, curve.points), style="bold")
    if search.json is not None:
        found = {"schema": 1, "limit_per_second": curve.limit, "trials": curve.points}
        deliver(search.json, json_page(found))
    return curve.exit_code


async def _try(
    search: Search, cases: Sequence[Case], rate: float, pool: PluginPool, curve: _Curve, log: Log
) -> str | None:
    """Run one trial and add it to the curve; return its line, None if a signal cut it."""
    from boomtalk.engine.load.stop import Stop, stopped_by_signals
    from boomtalk.engine.report.curve import line_of, point_of

    stop = Stop()
    with stopped_by_signals(stop, lambda: log("warning", "stopping")):
        run = _run(search, cases, rate, pool, stop, log)
        outcome: Outcome | None = None
        if await unless_stopped(run.prepare(), stop):
            for warning in run.warnings:
                log("warning", warning)
            outcome = await run.execute()
    if outcome is None or stop.signal is not None:
        curve.signal = stop.signal
        return None
    plugins = pool.snapshots()
    curve.has_lost_plugin = any(view.state == "given up" for view in plugins)
    curve.points.append(point_of(rate, run.load, outcome, plugins))
    return line_of(curve.points[-1])


def _run(
    search: Search, cases: Sequence[Case], rate: float, pool: PluginPool, stop: Stop, log: Log
) -> Run:
    from boomtalk.engine import Run

    run = Run(
        cases,
        search.load_at(rate),
        http=search.http,
        base_url=search.base_url,
        plugins=pool,
        stop=stop,
        stop_on_plugin_loss=search.stop_on_plugin_loss,
        recycles_rows=search.recycles_rows,
        thresholds=search.thresholds,
    )
    run.stats.errors.mask = log.mask_text
    run.stats.errors.tell = partial(log, "warning")
    return run
