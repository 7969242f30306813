"""The messages of a shard: one per second and one at its end, of plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import asdict

from ..load.load_run import Outcome
from ..measure.errors import ErrorSnapshot, merged_errors
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
        # Masking can make the keys of rows equal.
        whole = merged_errors(rows)
        return [self._tell(row) for row in whole if self._told.get(row.key) != row.count]

    def _tell(self, row: ErrorSnapshot) -> dict[str, Any]:
        told = asdict(row)
        if row.key in self._told:
            del told["traceback"]
        self._told[row.key] = row.count
        return told


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
    times = {name: Histogram.from_dict(data[name]) for name in ("lag", "added")}
    return HealthSnapshot(**{**data, **times})


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
