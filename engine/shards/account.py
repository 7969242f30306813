"""Keep everything that arrived from one shard."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ..measure.errors import ErrorSnapshot
from ..measure.health import HealthSnapshot
from ..measure.plugins import PluginSnapshot
from ..measure.snapshot import Second, ShardSnapshot, StepSnapshot
from ..record.seconds import RecordedSecond, second_of
from ..scenario.scenario import RowUse
from .messages import (
    health_of,
    plugin_of,
    row_use_of,
    second_of_message,
)

_Key = tuple[str, str, str]
_WARMUP: _Key = ("", "", "")


class Arrived(Struct):
    """One second of a shard: its numbers, its rows, and the counters at its end."""

    second: Second
    rows: RecordedSecond
    so_far: Mapping[str, Any]


class Account:
    """Everything that one shard delivered; `seconds` holds those that are not merged yet.

    `users` is its share of the load's. What a lost shard had under way counts as cut.
    """

    def __init__(self, index: int, users: int) -> None:
        self.index = index
        self.users = users
        self.host = ""
        self.pid: int | None = None
        self.state = "preparing"
        self.why: str | None = None
        self.lost_at: float | None = None
        self.seconds: deque[Arrived] = deque()
        self.so_far: Mapping[str, Any] = {}
        self.errors: dict[tuple[str, ...], ErrorSnapshot] = {}
        self.parameters: list[RowUse] = []
        self.slowest: list[Mapping[str, Any]] = []
        self.elapsed = 0.0
        self._issued = 0
        self._rate = 0
        self._open: Counter[_Key] = Counter()
        self._final: Mapping[str, Any] | None = None
        self._last: Second | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more will arrive."""
        return self.state in ("done", "lost")

    def take_second(self, message: Mapping[str, Any]) -> None:
        """Take the message of a second."""
        rows = second_of(message)
        second = second_of_message(message)
        self.seconds.append(Arrived(second, rows, message["so_far"]))
        self._take_errors(message["news"])
        self.elapsed, self._last = rows.elapsed, second
        self._issued += second.issued
        self._rate = second.ok + second.failed
        for key, row in _keyed(rows):
            self._open[key] += row.issued - row.ok - row.failed - row.cancelled

    def take_final(self, message: Mapping[str, Any]) -> None:
        """Take the last message."""
        self._take_errors(message["news"])
        self._final = message["so_far"]
        self.elapsed = message["so_far"]["elapsed"]
        self.parameters = [row_use_of(one) for one in message["parameters"]]
        self.slowest = message["slowest"]
        self.state = "done"

    def lose(self, why: str) -> None:
        """Count the open requests of the lost shard as cancelled: it died in mid-second."""
        self.state, self.why, self.lost_at = "lost", why, self.elapsed
        if self._last is not None:
            self.seconds.append(self._cut(self._last))

    def settle(self, arrived: Arrived) -> None:
        """Take over the counters that the shard sent with a second, now that it is merged."""
        self.so_far = arrived.so_far

    def settle_end(self) -> None:
        """Take over the counters of the last message, once all seconds before it are merged."""
        if self._final is not None and not self.seconds:
            self.so_far = self._final

    @property
    def plugins(self) -> list[PluginSnapshot]:
        return [plugin_of(one, self.index) for one in self.so_far.get("plugins", ())]

    @property
    def health(self) -> HealthSnapshot | None:
        return health_of(self.so_far["health"]) if self.so_far else None

    def snapshot(self, ended_at: float) -> ShardSnapshot:
        """Return the state of the shard; a lost one misses the requests until `ended_at`."""
        so_far, lost = self.so_far, self.lost_at
        health = so_far.get("health") or {}
        plugins = so_far.get("plugins", ())
        missing = None
        if lost is not None:
            missing = round(self._issued / lost * max(0.0, ended_at - lost)) if lost else None
        return ShardSnapshot(
            id=self.index,
            host=self.host,
            users=self.users,
            state=self.state,
            lost_at=lost,
            missing=missing,
            why=self.why,
            working=so_far.get("users", 0),
            rate=0 if self.is_over else self._rate,
            issued=self._issued,
            cpu=health.get("cpu_now"),
            lag=self._last.lag if self._last is not None else None,
            plugins=sum(view["pid"] is not None for view in plugins),
            pid=self.pid,
        )

    def _take_errors(self, news: Mapping[str, Any]) -> None:
        for data in news["errors"]:
            row = ErrorSnapshot.from_dict(data)
            before = self.errors.get(row.key)
            if before is not None:
                row = replace(row, traceback=before.traceback)
            self.errors[row.key] = row

    def _cut(self, last: Second) -> Arrived:
        t = last.t + 1 or 1
        in_warmup = t < 0
        rows = [_cancelled(key, number) for key, number in self._open.items() if number]
        warmup = [row for row in rows if not row.type]
        second = Second(t, 0, 0, 0, 0, None, None, 0, None)
        cut = RecordedSecond(
            t,
            {},
            self.elapsed,
            tuple(rows if in_warmup else (row for row in rows if row.type)),
            None if in_warmup or not warmup else warmup[0],
            (),
            {},
        )
        return Arrived(second, cut, _cut_so_far(self._last_told()))

    def _last_told(self) -> Mapping[str, Any]:
        return self.seconds[-1].so_far if self.seconds else self.so_far


def _cut_so_far(so_far: Mapping[str, Any]) -> dict[str, Any]:
    """Return the last counters of a lost shard, with everything that was open as ended."""
    counts = dict(so_far["iterations"])
    ended = counts["completed"] + counts["failed"] + counts["interrupted"]
    counts["interrupted"] += counts["started"] - ended
    plugins = [
        {
            **view,
            "pid": None,
            "state": "lost",
            "cancelled": view["cancelled"] + view["in_flight"] + view["queued"],
            "in_flight": 0,
            "queued": 0,
        }
        for view in so_far["plugins"]
    ]
    return {**so_far, "users": 0, "users_wanted": 0, "iterations": counts, "plugins": plugins}


def _keyed(rows: RecordedSecond) -> Iterator[tuple[_Key, StepSnapshot]]:
    for row in rows.steps:
        yield (_WARMUP if rows.t < 0 else row.key), row
    if rows.warmup is not None and rows.t > 0:
        yield _WARMUP, rows.warmup


def _cancelled(key: _Key, number: int) -> StepSnapshot:
    return StepSnapshot(*key, cancelled=number)
