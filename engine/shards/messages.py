"""The messages of a shard: one per second and one at its end, of plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from ..load.load_run import Outcome
from ..measure.errors import ErrorSnapshot
from ..measure.health import HealthSnapshot
from ..measure.histogram import Histogram
from ..measure.plugins import FunctionSnapshot, PluginSnapshot
from ..measure.snapshot import Mark, Second, Slice
from ..record.seconds import slice_as_dict
from ..scenario.scenario import RowUse


class Errors:
    """Sends failure rows of a shard again only when their count has changed."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, ...], int] = {}

    def news(self, rows: Iterable[ErrorSnapshot]) -> list[dict[str, Any]]:
        """Return the rows that changed; the traceback of a row is sent once."""
        whole = merged_errors(rows)
        return [self._tell(row) for row in whole if self._told.get(error_key(row)) != row.count]

    def _tell(self, row: ErrorSnapshot) -> dict[str, Any]:
        told = asdict(row)
        if error_key(row) in self._told:
            del told["traceback"]
        self._told[error_key(row)] = row.count
        return told


def error_key(row: ErrorSnapshot) -> tuple[str, ...]:
    """Return the key by which two failures are the same row."""
    return (row.kind, row.detail, row.case, row.step, row.message)


def merged_errors(rows: Iterable[ErrorSnapshot]) -> list[ErrorSnapshot]:
    """Merge rows with the same key; masking can make keys equal."""
    found: dict[tuple[str, ...], ErrorSnapshot] = {}
    for row in rows:
        before = found.get(error_key(row))
        found[error_key(row)] = row if before is None else _both(before, row)
    return sorted(found.values(), key=lambda row: -row.count)


def _both(one: ErrorSnapshot, other: ErrorSnapshot) -> ErrorSnapshot:
    return replace(
        one,
        count=one.count + other.count,
        first_at=min(one.first_at, other.first_at),
        last_at=max(one.last_at, other.last_at),
        traceback=one.traceback or other.traceback,
    )


def second_message(
    ended: Slice, elapsed: float, so_far: Mapping[str, Any], news: Mapping[str, Any]
) -> dict[str, Any]:
    """Return one second; `news` is sent once, `so_far` replaces the one before."""
    return {
        "kind": "second",
        "t": ended.second.t,
        "second": ended.second,
        "elapsed": elapsed,
        **slice_as_dict(ended),
        "so_far": so_far,
        "news": news,
    }


def so_far_of(outcome: Outcome) -> dict[str, Any]:
    """Return the part of an outcome that slices do not hold."""
    snapshot = outcome.snapshot
    return {
        "elapsed": snapshot.elapsed,
        "measured": snapshot.measured,
        "users": snapshot.users,
        "users_wanted": snapshot.users_wanted,
        "peak_users": snapshot.peak_users,
        "never_started": outcome.never_started,
        "iterations": snapshot.iterations,
        "wire": outcome.wire,
        "health": outcome.health,
        "plugins": outcome.plugins,
        "stopped_by": outcome.stopped_by,
    }


def second_of_message(message: Mapping[str, Any]) -> Second:
    data = message["second"]
    return Second(**{**data, "bands": tuple(data["bands"])})


def health_of(data: Mapping[str, Any]) -> HealthSnapshot:
    return HealthSnapshot(**{**data, "lag": Histogram.from_dict(data["lag"])})


def plugin_of(data: Mapping[str, Any], shard: int) -> PluginSnapshot:
    functions = tuple(
        FunctionSnapshot(**{**one, "run": Histogram.from_dict(one["run"])})
        for one in data["functions"]
    )
    times = {name: Histogram.from_dict(data[name]) for name in ("wait", "run")}
    return PluginSnapshot(**{**data, **times, "functions": functions, "shard": shard})


def row_use_of(data: Mapping[str, Any]) -> RowUse:
    return RowUse(data["case"], tuple(data["names"]), tuple(data["used"]))


def marks_of(data: Sequence[Mapping[str, Any]]) -> list[Mark]:
    return [Mark(one["at"], one["what"]) for one in data]
