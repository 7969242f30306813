"""Where screens and records ask a sharded run, under the names that a run of one engine has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from time import perf_counter
from typing import Any

from ..measure.health import HealthSnapshot
from ..measure.snapshot import Mark
from .account import Account
from .merged import MergedRun
from .messages import ShardPlugin

_SLOWEST = 5


class Clock:
    """The time of the load, and what happened in it."""

    def __init__(self, merged: MergedRun) -> None:
        self._merged = merged
        self._started_at = perf_counter()

    def start(self) -> None:
        """Make now the moment the load begins."""
        self._started_at = perf_counter()

    def elapsed(self) -> float:
        """Return the seconds since the load began."""
        return perf_counter() - self._started_at

    def mark(self, what: str, at: float | None = None) -> None:
        """Note that something happened, now if no moment is given."""
        self._merged.marks.append(Mark(self.elapsed() if at is None else at, what))


class HealthSource:
    def __init__(self, merged: MergedRun) -> None:
        self._merged = merged

    def snapshot(self) -> HealthSnapshot:
        """Return the worst of the shards."""
        return self._merged.health()


class PluginSource:
    def __init__(self, merged: MergedRun) -> None:
        self._merged = merged

    def snapshots(self) -> tuple[ShardPlugin, ...]:
        """Return every plugin process of every shard."""
        return self._merged.plugins()


class Collected:
    """Requests that shards kept whole, plain and masked already."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        self.failures: list[Mapping[str, Any]] = []
        self._accounts = accounts

    def take_failures(self) -> list[Mapping[str, Any]]:
        """Return the failures that came since the last time."""
        taken, self.failures = self.failures, []
        return taken

    def slowest(self) -> list[Mapping[str, Any]]:
        """Return the slowest requests of all shards, the slowest first."""
        kept = chain.from_iterable(one.slowest for one in self._accounts)
        return sorted(kept, key=lambda one: -(one["latency_ms"] or 0.0))[:_SLOWEST]
