"""Merge the numbers of several shards into the snapshot that one engine would give."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

from ..http.channel import Wire
from ..measure.errors import merged_errors
from ..measure.health import HealthSnapshot
from ..measure.histogram import Histogram, merged
from ..measure.plugins import PluginSnapshot
from ..measure.snapshot import (
    Accounting,
    Iterations,
    Mark,
    Second,
    Slice,
    Snapshot,
    StepSnapshot,
    TransactionSnapshot,
    sum_steps,
)
from ..record.seconds import RecordedSecond
from ..record.totals import Totals
from ..scenario.scenario import RowUse
from .account import Account, Arrived
from .merged_second import parts_of, sum_of

Counts = TypeVar("Counts", Wire, Iterations)
_RECENT_SECONDS = 10
_SLOWEST = 5


class MergedRun:
    """Merges each second as soon as every shard has delivered it; counts are exact."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        self.accounts = accounts
        self.seconds: list[Second] = []
        self._marks: list[Mark] = []
        self._totals = Totals()
        self._recent: deque[Histogram] = deque(maxlen=_RECENT_SECONDS)

    def expect(self, ready: Mapping[str, Any]) -> None:
        """Add an empty row for each step and transaction of the cases."""
        steps = tuple(StepSnapshot(*row) for row in ready["steps"])
        spans = tuple(TransactionSnapshot(*row) for row in ready["transactions"])
        self._totals.add(RecordedSecond(1, {}, 0.0, steps, None, spans, {}))

    def next_slice(self) -> Slice | None:
        """Return the next second of all shards, None until each shard has delivered it."""
        waiting = any(not one.seconds and not one.is_over for one in self.accounts)
        with_seconds = [one for one in self.accounts if one.seconds]
        if waiting or not with_seconds:
            for account in self.accounts:
                account.settle_end()
            return None
        t = min(one.seconds[0].second.t for one in with_seconds)
        ended = [one for one in with_seconds if one.seconds[0].second.t == t]
        return self._add(t, [(one, one.seconds.popleft()) for one in ended])

    def _add(self, t: int, ended: Sequence[tuple[Account, Arrived]]) -> Slice:
        for account, arrived in ended:
            account.settle(arrived)
        slice_, latency = sum_of(t, [arrived for _, arrived in ended])
        self._recent.append(latency)
        self.seconds.append(slice_.second)
        # The totals keep the histograms they are given, and go on adding to them.
        parts = parts_of(slice_)
        self._totals.add(RecordedSecond(t, {}, 0.0, *parts, {}))
        return slice_

    @property
    def elapsed(self) -> float:
        """Seconds since the load began, up to the last message."""
        return max((one.so_far.get("elapsed", 0.0) for one in self.accounts), default=0.0)

    def snapshot(self) -> Snapshot:
        """Return the merged numbers of all shards."""
        told = [one.so_far for one in self.accounts if one.so_far]
        steps = tuple(row.copy() for row in self._totals.steps)
        warmup = self._totals.warmup
        return Snapshot(
            elapsed=self.elapsed,
            measured=max((one["measured"] for one in told), default=0.0),
            users=sum(one["users"] for one in told),
            users_wanted=sum(one["users_wanted"] for one in told),
            peak_users=sum(one["peak_users"] for one in told),
            accounting=Accounting.over([*steps, *([warmup] if warmup is not None else [])]),
            iterations=_sum(Iterations, (one["iterations"] for one in told)),
            steps=steps,
            total=sum_steps(steps),
            warmup=None if warmup is None else warmup.copy(),
            transactions=tuple(row.copy() for row in self._totals.transactions),
            errors=tuple(
                merged_errors(row for one in self.accounts for row in one.errors.values())
            ),
            seconds=tuple(self.seconds),
            recent=merged(self._recent),
            marks=tuple(self._marks),
            shards=tuple(one.snapshot(self.elapsed) for one in self.accounts),
        )

    def mark(self, what: str, at: float) -> None:
        """Record that something happened `at` seconds since the load began."""
        self._marks.append(Mark(at, what))

    def slowest(self) -> list[Mapping[str, Any]]:
        """Return the slowest requests that shards kept, the slowest first."""
        kept = chain.from_iterable(one.slowest for one in self.accounts)
        return sorted(kept, key=lambda one: -(one["latency_ms"] or 0.0))[:_SLOWEST]

    def health(self) -> HealthSnapshot:
        """Return the worst value of any shard; lag is merged, memory is the sum.

        What the generator added is taken from the shard in which that was most.
        """
        known = [health for one in self.accounts if (health := one.health) is not None]
        worst = max(known, key=_tail, default=None)
        return HealthSnapshot(
            cpu_mean=max((one.cpu_mean for one in known), default=0.0),
            cpu_peak=max((one.cpu_peak for one in known), default=0.0),
            cpu_now=max((one.cpu_now for one in known), default=0.0),
            lag=merged(one.lag for one in known),
            rss=sum(one.rss for one in known),
            rss_peak=sum(one.rss_peak for one in known),
            gc_pause=max((one.gc_pause for one in known), default=0.0),
            bad_seconds=max((one.bad_seconds for one in known), default=0),
            degraded_seconds=max((one.degraded_seconds for one in known), default=0),
            seconds=max((one.seconds for one in known), default=0),
            cpu_wait_mean=max((one.cpu_wait_mean for one in known), default=0.0),
            added=Histogram() if worst is None else worst.added,
            latency_p99=sum_steps(self._totals.steps).latency.percentile(99),
            latency_beside=None if worst is None else worst.latency_beside,
        )

    def plugins(self) -> tuple[PluginSnapshot, ...]:
        """Return every plugin process of every shard."""
        return tuple(chain.from_iterable(one.plugins for one in self.accounts))

    def wire(self) -> Wire:
        return _sum(Wire, (one.so_far["wire"] for one in self.accounts if one.so_far))

    def never_started(self) -> int:
        return sum(one.so_far.get("never_started", one.users) for one in self.accounts)

    def parameters(self) -> tuple[RowUse, ...]:
        """Return how often each data row was used; the rows of a lost shard are not known."""
        uses: dict[tuple[str, tuple[str, ...]], RowUse] = {}
        for use in chain.from_iterable(one.parameters for one in self.accounts):
            key = (use.case, use.names)
            if key in uses:
                used = zip(uses[key].used, use.used, strict=True)
                use = RowUse(*key, tuple(one + other for one, other in used))
            uses[key] = use
        return tuple(uses.values())


def _tail(health: HealthSnapshot) -> float:
    return health.added.percentile(99) or 0.0


def _sum(kind: Callable[..., Counts], told: Iterable[Mapping[str, Any]]) -> Counts:
    """Return the sum of each counter."""
    counts: Counter[str] = Counter()
    for one in told:
        counts.update(one)
    return kind(**counts)
