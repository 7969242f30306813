"""`boomtalk find-limit`: the highest arrival rate at which the thresholds hold."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .flags import (
    BaseUrl,
    Env,
    EnvFile,
    Insecure,
    Json,
    LogLevel,
    MaxUsers,
    NoColor,
    Paths,
    Python,
    Thresholds,
    duration_flag,
    written,
)
from .loading import load, signal_code, unless_stopped
from .target import pairs_of
from .voices import Screen, console_for, opened_log

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from boomtalk.engine import HttpOptions, Load, Outcome
    from boomtalk.engine.case.model import Case
    from boomtalk.engine.load.search import Trial
    from boomtalk.engine.measure.thresholds import Threshold
    from boomtalk.plugins import PluginPool, PluginSnapshot

    from .voices import Log

From = Annotated[
    float,
    typer.Option("--from", parser=written("parse_rate"), metavar="N/s", help="First rate to try."),
]
To = Annotated[
    float,
    typer.Option("--to", parser=written("parse_rate"), metavar="N/s", help="Highest to try."),
]
Step = Annotated[
    float, typer.Option("--step", parser=duration_flag, metavar="TIME", help="Length of a trial.")
]
Precision = Annotated[
    float, typer.Option("--precision", min=0.001, max=1, help="Share at which the search ends.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    paths: Sequence[str]
    environment: Mapping[str, str]
    env_file: Path | None
    base_url: str | None
    http: HttpOptions
    python: str | None
    thresholds: Sequence[Threshold]
    first: float
    most: float
    seconds: float
    precision: float
    max_users: int | None
    json: Path | None
    screen: Screen


def find_limit(
    paths: Paths,
    threshold: Thresholds = None,
    first: From = "10/s",  # type: ignore[assignment]
    most: To = "10000/s",  # type: ignore[assignment]
    step: Step = "10s",  # type: ignore[assignment]
    precision: Precision = 0.05,
    max_users: MaxUsers = None,
    base_url: BaseUrl = None,
    env: Env = None,
    env_file: EnvFile = None,
    insecure: Insecure = False,
    python: Python = None,
    json: Json = None,
    no_color: NoColor = False,
    log_level: LogLevel = "warning",
) -> None:
    """Search the highest arrival rate at which the thresholds hold and nothing is dropped."""
    import uvloop
    from boomtalk.engine import HttpOptions
    from boomtalk.engine.measure.thresholds import parse_threshold

    search = _Search(
        paths=paths,
        environment=pairs_of(env),
        env_file=env_file,
        base_url=base_url,
        http=HttpOptions(verify=not insecure),
        python=python,
        thresholds=threshold or [parse_threshold("error_rate<1%")],
        first=first,
        most=most,
        seconds=step,
        precision=precision,
        max_users=max_users,
        json=json,
        screen=Screen(False, False, no_color, log_level),
    )
    sys.exit(uvloop.run(_find(search)))


async def _find(search: _Search) -> int:
    from boomtalk.engine.load.search import Trial, limit, next_rate
    from boomtalk.engine.report.files import deliver
    from boomtalk.engine.report.json_report import dumps
    from boomtalk.engine.scenario.plan import Plan
    from boomtalk.plugins import PluginOptions, PluginPool

    options = PluginOptions(python=search.python)
    console = console_for(search.screen, search.json)
    trials: list[Trial] = []
    rows: list[dict[str, Any]] = []
    interrupted: int | None = None
    with opened_log(search.screen) as log:
        plan = Plan(search.http, search.base_url)
        loaded = await load(search.paths, search.environment, search.env_file, plan, options, log)
        console.print(_HEAD, style="bold")
        async with PluginPool(options, log) as pool:
            while interrupted is None:
                rate = next_rate(trials, search.first, search.most, search.precision)
                if rate is None:
                    break
                outcome, interrupted = await _try(search, loaded.cases, rate, pool, log)
                if outcome is not None and interrupted is None:
                    row = _row(rate, search, outcome, pool.snapshots())
                    trials.append(Trial(rate, row["held"]))
                    rows.append(row)
                    console.print(_line(row))
    found = limit(trials)
    console.print(_verdict(found, rows), style="bold")
    if search.json is not None:
        deliver(search.json, dumps({"schema": 1, "limit_per_second": found, "trials": rows}))
    return 0 if interrupted is None else signal_code(interrupted)


async def _try(
    search: _Search, cases: Sequence[Case], rate: float, pool: PluginPool, log: Log
) -> tuple[Outcome | None, int | None]:
    """Run one trial; return what it came to, and the signal that ended it if one did."""
    from boomtalk.engine import Run
    from boomtalk.engine.load.stop import Stop, stopped_by_signals

    stop = Stop()
    with stopped_by_signals(stop, lambda: log("warning", "stopping")):
        run = Run(
            cases,
            _load(search, rate),
            http=search.http,
            base_url=search.base_url,
            plugins=pool,
            stop=stop,
            thresholds=search.thresholds,
        )
        if not await unless_stopped(run.prepare(), stop):
            return None, stop.signal
        return await run.execute(), stop.signal


def _load(search: _Search, rate: float) -> Load:
    from boomtalk.engine import Load
    from boomtalk.engine.load.written import shape_of

    shape = shape_of(None, None, (), rate, search.max_users)
    return Load(shape, duration=search.seconds, graceful_stop=search.seconds)


def _row(
    rate: float, search: _Search, outcome: Outcome, plugins: Sequence[PluginSnapshot]
) -> dict[str, Any]:
    """Return one point of the curve; it held if every threshold passed and every start ran."""
    from boomtalk.engine.load.verdict import limit_of

    snapshot = outcome.snapshot
    times = snapshot.total.latency.percentiles((50, 95, 99))
    limit = limit_of(snapshot, outcome.health, plugins, _load(search, rate))
    broken = [verdict.expression for verdict in outcome.verdicts if not verdict.passed]
    return {
        "rate_per_second": rate,
        "requests_per_second": snapshot.total.ok / max(snapshot.measured, 1e-9),
        **{
            f"p{percent}_ms": None if time is None else round(time * 1000, 3)
            for percent, time in zip((50, 95, 99), times, strict=True)
        },
        "error_rate": snapshot.accounting.error_rate,
        "dropped": snapshot.iterations.dropped,
        "limited_by": limit.name,
        "broken": broken,
        "held": not broken and not snapshot.iterations.dropped,
    }


_HEAD = "      starts/s   req/s  p50 ms     p95     p99 errors  drop limited by"


def _line(row: Mapping[str, Any]) -> str:
    times = "".join(f"{row[name] or 0:8.2f}" for name in ("p50_ms", "p95_ms", "p99_ms"))
    mark = "held  " if row["held"] else "broken"
    return (
        f"{mark}{row['rate_per_second']:8.1f}{row['requests_per_second']:8.0f}{times}"
        f"{row['error_rate'] or 0:7.1%}{row['dropped']:6} {row['limited_by']}"
        + (f"  {', '.join(row['broken'])}" if row["broken"] else "")
    )


def _verdict(found: float | None, rows: Sequence[Mapping[str, Any]]) -> str:
    if found is None:
        return "no rate held"
    above = [row for row in rows if not row["held"] and row["rate_per_second"] > found]
    if not above:
        return f"limit: at least {found:.1f} starts/s, the highest rate that was tried"
    next_one = min(above, key=lambda row: float(row["rate_per_second"]))
    rate, limited_by = next_one["rate_per_second"], next_one["limited_by"]
    return f"limit: {found:.1f} starts/s; {rate:.1f} did not hold, limited by {limited_by}"
