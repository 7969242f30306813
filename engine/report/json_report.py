"""Make the JSON report. Scripts rely on its keys: they may be added, never renamed or removed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from msgspec import Struct, field
from msgspec.structs import asdict

from ..load.bottleneck import Limit, limit_of
from ..load.load_run import Outcome
from ..load.shape import Load
from ..load.trust import doubt_of
from ..measure.health import HealthSnapshot
from ..measure.plugins import PluginSnapshot
from ..measure.snapshot import ShardSnapshot, Snapshot
from ..output.json_text import ms_of
from ..output.shape import problem_of
from ..scenario.scenario import RowUse
from .json_rows import rows_of, second_as_dict, times_of, warmup_of
from .report_shape import REPORT

SCHEMA = 1
PARTS = (
    *("schema", "tool", "command", "name", "tags", "started_at", "duration"),
    *("stopped_by", "exit_code", "load", "accounting", "wire", "iterations", "warmup"),
    *("steps", "transactions", "total", "errors", "parameters", "plugins", "processes"),
    *("health", "thresholds", "shards", "seconds", "marks", "samples"),
)
# The first reports of this schema do not have these parts.
_LATER = ("shards",)


class About(Struct, frozen=True):
    """The parts of a report that are not measured: the program, its command line, name and tags."""

    version: str
    command: Sequence[str] = ()
    name: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Samples(Protocol):
    """The state of a samples file: lines written, lines lost, and the reason."""

    @property
    def written(self) -> int: ...
    @property
    def unwritten(self) -> int: ...
    @property
    def reason(self) -> str: ...


def report_of(
    outcome: Outcome,
    load: Load,
    about: About,
    exit_code: int | None,
    samples: Samples | None = None,
) -> dict[str, Any]:
    """Return the report as plain values. A value that is not known is None, never 0."""
    snapshot = outcome.snapshot
    parts = {
        **about_of(about),
        **progress_of(outcome, load),
        "exit_code": exit_code,
        "warmup": warmup_of(snapshot.elapsed - snapshot.measured, snapshot.warmup),
        **rows_of(snapshot.steps, snapshot.transactions, snapshot.measured),
        "parameters": [_parameters(use) for use in outcome.parameters],
        "seconds": [second_as_dict(second) for second in snapshot.seconds],
        "samples": None if samples is None else _samples(samples),
    }
    return in_order(parts)


def in_order(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return a complete report with its parts in the order in which people read them."""
    return {name: parts[name] for name in PARTS}


def whole(report: Any) -> dict[str, Any]:
    """Check a report that was read from a file, and return its parts in order.

    Parts that an older version did not write are None. Raises ValueError if it is not a report.
    """
    if problem := problem_of(report, REPORT):
        raise ValueError(f"this is not a report: {problem.removeprefix('.')}")
    return in_order({**dict.fromkeys(_LATER), **report})


def about_of(about: About) -> dict[str, Any]:
    """Return the parts of a report that are known before the load."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "boomtalk", "version": about.version},
        "command": list(about.command),
        "name": about.name,
        "tags": dict(about.tags),
        "started_at": about.started_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def progress_of(outcome: Outcome, load: Load) -> dict[str, Any]:
    """Return the parts of a report that are not a sum of seconds or steps."""
    snapshot, plugins = outcome.snapshot, outcome.plugins
    return {
        "duration": snapshot.measured,
        "stopped_by": outcome.stopped_by,
        "load": {
            "model": load.model,
            "users": load.users,
            "peak_users": snapshot.peak_users,
            "never_started": outcome.never_started,
            "iterations": load.iterations_asked,
        },
        "accounting": _accounting(snapshot),
        "wire": dataclasses.asdict(outcome.wire),
        "iterations": _iterations(snapshot),
        "errors": [asdict(error) for error in snapshot.errors],
        "plugins": [_plugin(view) for view in plugins],
        "processes": _processes(snapshot),
        "health": _health(outcome.health, limit_of(snapshot, outcome.health, plugins, load)),
        "thresholds": [asdict(verdict) for verdict in outcome.verdicts],
        "shards": [_shard(one) for one in snapshot.shards] or None,
        "marks": [{"t": round(mark.at, 3), "what": mark.what} for mark in snapshot.marks],
    }


def _health(health: HealthSnapshot, limit: Limit) -> dict[str, Any]:
    return {
        "trusted": health.is_trusted,
        "doubt": doubt_of(health),
        "latency_error_ms": ms_of(health.latency_error),
        "added_ms": times_of(health.added),
        "limited_by": limit.name,
        "evidence": limit.evidence,
        "cpu_percent": {"mean": round(health.cpu_mean, 1), "peak": round(health.cpu_peak, 1)},
        "cpu_wait_percent": round(health.cpu_wait_mean, 1),
        "lag_ms": times_of(health.lag),
        "rss_peak_mb": _mb(health.rss_peak),
        "gc_pause_ms_max": ms_of(health.gc_pause),
        "bad_seconds": health.bad_seconds,
        "degraded_seconds": health.degraded_seconds,
    }


def _samples(samples: Samples) -> dict[str, Any]:
    reason = samples.reason if samples.unwritten else None
    return {"written": samples.written, "unwritten": samples.unwritten, "reason": reason}


def _accounting(snapshot: Snapshot) -> dict[str, Any]:
    counts = snapshot.accounting
    return {
        "issued": counts.issued,
        "ok": counts.ok,
        "failed": counts.failed,
        "cancelled": counts.cancelled,
        "in_flight": counts.in_flight,
        "not_issued": counts.not_issued,
        "balanced": counts.in_flight == 0 and snapshot.iterations.running == 0,
    }


def _iterations(snapshot: Snapshot) -> dict[str, Any]:
    counts = snapshot.iterations
    return {
        "planned": counts.planned,
        "started": counts.started,
        "completed": counts.completed,
        "failed": counts.failed,
        "interrupted": counts.interrupted,
        "dropped": counts.dropped,
        "dropped_by": {"no_user": counts.no_user, "late": counts.late},
    }


def _parameters(use: RowUse) -> dict[str, Any]:
    rows = len(use.used)
    return {
        "case": use.case,
        "names": list(use.names),
        "rows": rows,
        "used": {
            "min": min(use.used),
            "mean": round(sum(use.used) / rows, 3),
            "max": max(use.used),
            "total": sum(use.used),
        },
        "unused": use.used.count(0),
    }


def _plugin(view: PluginSnapshot) -> dict[str, Any]:
    return {
        "path": view.path,
        "python": view.python,
        "shard": view.shard,
        "starts": view.starts,
        "restarts": view.restarts,
        "source_changed": view.source_changed,
        "calls": view.calls,
        "ok": view.ok,
        "errors": view.errors,
        "timeouts": view.timeouts,
        "crashed": view.crashed,
        "cancelled": view.cancelled,
        "unavailable": view.unavailable,
        "rss_peak_mb": _mb(view.rss_peak),
        "cpu_seconds": view.cpu_seconds,
        "run_seconds": round(view.run.total, 6),
        "wait_ms": times_of(view.wait),
        "run_ms": times_of(view.run),
        "functions": [
            {
                "name": function.name,
                "calls": function.calls,
                "errors": function.errors,
                "run_ms": times_of(function.run),
            }
            for function in view.functions
        ],
    }


def _shard(shard: ShardSnapshot) -> dict[str, Any]:
    return {
        "id": shard.id,
        "host": shard.host,
        "users": shard.users,
        "state": shard.state,
        "lost_at": None if shard.lost_at is None else round(shard.lost_at, 3),
        "missing": shard.missing,
        "why": shard.why,
        "issued": shard.issued,
        "plugins": shard.plugins,
        "pid": shard.pid,
    }


def _processes(snapshot: Snapshot) -> dict[str, int]:
    alive = [second.plugins or 0 for second in snapshot.seconds]
    return {"plugins_now": alive[-1] if alive else 0, "plugins_peak": max(alive, default=0)}


def _mb(size: int | None) -> float | None:
    return None if size is None else round(size / 1_000_000, 1)
