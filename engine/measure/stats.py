"""Counts and times of a running load; written by one loop, read as frozen snapshots.

Every request ends in exactly one counter, in one synchronous place.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import perf_counter

from ..errors import StepFailed
from .errors import ErrorTable
from .histogram import Histogram, merged
from .snapshot import (
    BANDS,
    Accounting,
    Iterations,
    Mark,
    Second,
    Snapshot,
    StepSnapshot,
    TransactionSnapshot,
    sum_steps,
)

_RECENT_SECONDS = 10


class Counts:
    """What happened to the requests of one step in one window (warm-up or measured).

    The three lists take seconds per request as they come; `fold` moves them to histograms.
    """

    __slots__ = (
        "bytes_in",
        "cancelled",
        "connect",
        "connects",
        "failed",
        "issued",
        "latencies",
        "latency",
        "not_issued",
        "ok",
        "response",
        "responses",
    )

    def __init__(self) -> None:
        self.issued = self.ok = self.failed = self.cancelled = self.not_issued = 0
        self.bytes_in = 0
        self.latencies: list[float] = []
        self.connects: list[float] = []
        self.responses: list[float] = []
        self.latency = Histogram()
        self.connect = Histogram()
        self.response = Histogram()

    def fold(self, second: Histogram) -> None:
        """Move the pending times into the histograms; latencies also into `second`."""
        if self.latencies:
            second.add(self.latencies)
            self.latency.add(self.latencies)
            self.latencies.clear()
        if self.connects:
            self.connect.add(self.connects)
            self.connects.clear()
        if self.responses:
            self.response.add(self.responses)
            self.responses.clear()


@dataclass(slots=True)
class StepSeries:
    """One row of the report: a step of a case. `counts` is replaced when the warm-up ends."""

    case: str
    name: str
    type: str
    errors: ErrorTable
    counts: Counts = field(default_factory=Counts)
    warmup: Counts | None = None

    def fail(self, failure: StepFailed, counts: Counts) -> StepFailed:
        """Count an issued request as failed; return the failure, for the caller to raise."""
        counts.failed += 1
        self.errors.add(failure, self.case, self.name)
        return failure

    def fail_unissued(self, failure: StepFailed, counts: Counts) -> StepFailed:
        """Count a request that failed before anything of it was sent; return the failure."""
        counts.not_issued += 1
        self.errors.add(failure, self.case, self.name)
        return failure

    def fold(self, second: Histogram) -> None:
        self.counts.fold(second)
        if self.warmup is not None:
            self.warmup.fold(second)

    def snapshot(self, counts: Counts) -> StepSnapshot:
        return StepSnapshot(
            case=self.case,
            name=self.name,
            type=self.type,
            issued=counts.issued,
            ok=counts.ok,
            failed=counts.failed,
            cancelled=counts.cancelled,
            not_issued=counts.not_issued,
            bytes_in=counts.bytes_in,
            latency=counts.latency.copy(),
            connect=counts.connect.copy(),
            response=counts.response.copy(),
        )


@dataclass(slots=True)
class TransactionSeries:
    """A named span over steps; `Action` is the whole iteration. Durations are in seconds.

    What began before `since` (in the warm-up) is left out.
    """

    case: str
    name: str
    since: float = 0.0
    ok: int = 0
    failed: int = 0
    interrupted: int = 0
    durations: list[float] = field(default_factory=list)
    duration: Histogram = field(default_factory=Histogram)

    def add(self, started_at: float, ended_at: float, passed: bool | None) -> None:
        """Count a span that passed, failed, or (None) was cut by the end of the run."""
        if started_at < self.since:
            return
        if passed is None:
            self.interrupted += 1
            return
        if passed:
            self.ok += 1
        else:
            self.failed += 1
        self.durations.append(ended_at - started_at)

    def snapshot(self) -> TransactionSnapshot:
        self.duration.add(self.durations)
        self.durations.clear()
        return TransactionSnapshot(
            self.case, self.name, self.ok, self.failed, self.interrupted, self.duration.copy()
        )


class Stats:
    """All counters of one run."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self.started_at = clock()
        self.measured_at = self.started_at
        self.errors = ErrorTable(self.elapsed)
        self.iterations = Iterations()
        self.seconds: list[Second] = []
        self.users = 0
        self.peak_users = 0
        self.users_wanted = 0
        self._steps: dict[tuple[str, str, str], StepSeries] = {}
        self._transactions: dict[tuple[str, str], TransactionSeries] = {}
        self._second = Histogram()
        self._recent: deque[Histogram] = deque(maxlen=_RECENT_SECONDS)
        self._marks: list[Mark] = []
        self._before = Accounting()

    def start_clock(self) -> None:
        """Make now the moment the load begins."""
        self.started_at = self.measured_at = self._clock()

    def end_warmup(self) -> None:
        """Tell apart what begins from now on; what is under way belongs to the warm-up."""
        self.measured_at = self._clock()
        for series in self._steps.values():
            series.warmup, series.counts = series.counts, Counts()
        for spans in self._transactions.values():
            spans.since = self.measured_at
            spans.ok = spans.failed = spans.interrupted = 0
            spans.durations.clear()
            spans.duration = Histogram()

    def elapsed(self) -> float:
        """Return the seconds since the load began."""
        return self._clock() - self.started_at

    def step(self, case: str, name: str, type_: str) -> StepSeries:
        """Return the one series of this step."""
        key = (case, name, type_)
        if key not in self._steps:
            self._steps[key] = StepSeries(case, name, type_, self.errors)
        return self._steps[key]

    def transaction(self, case: str, name: str) -> TransactionSeries:
        """Return the one series of this transaction."""
        key = (case, name)
        if key not in self._transactions:
            self._transactions[key] = TransactionSeries(case, name)
        return self._transactions[key]

    def user_started(self) -> None:
        self.users += 1
        self.peak_users = max(self.peak_users, self.users)

    def user_ended(self) -> None:
        self.users -= 1

    def mark(self, what: str) -> None:
        """Note that something happened now."""
        self._marks.append(Mark(self.elapsed(), what))

    def fold(self) -> None:
        """Move pending times into the histograms; called a few times per second."""
        for series in self._steps.values():
            series.fold(self._second)

    def second_p50(self) -> float | None:
        """Return the median latency of the second under way."""
        self.fold()
        return self._second.percentile(50)

    def end_second(self, t: int, plugins: int | None, lag: float | None) -> None:
        """Close the second `t` of the timeline: 1 is the first, below 0 is the warm-up."""
        self.fold()
        now = self.accounting()
        before, self._before = self._before, now
        middle, tail = self._second.percentiles((50, 99))
        self.seconds.append(
            Second(
                t,
                self.users,
                now.issued - before.issued,
                now.ok - before.ok,
                now.failed - before.failed,
                middle,
                tail,
                plugins,
                lag,
                self._second.bands(BANDS),
            )
        )
        self._recent.append(self._second)
        self._second = Histogram()

    def accounting(self) -> Accounting:
        """Return the request counters over the whole run, warm-up included."""
        return Accounting.over(
            counts
            for series in self._steps.values()
            for counts in (series.counts, series.warmup)
            if counts is not None
        )

    def snapshot(self) -> Snapshot:
        """Freeze everything as it is now."""
        self.fold()
        elapsed = self.elapsed()
        steps = tuple(series.snapshot(series.counts) for series in self._steps.values())
        return Snapshot(
            elapsed=elapsed,
            measured=elapsed - (self.measured_at - self.started_at),
            users=self.users,
            users_wanted=self.users_wanted,
            peak_users=self.peak_users,
            accounting=self.accounting(),
            iterations=replace(self.iterations),
            steps=steps,
            total=sum_steps(steps),
            warmup=self._warmup(),
            transactions=tuple(series.snapshot() for series in self._transactions.values()),
            errors=self.errors.snapshot(),
            seconds=tuple(self.seconds),
            recent=merged([*self._recent, self._second]),
            marks=tuple(self._marks),
        )

    def _warmup(self) -> StepSnapshot | None:
        if self.measured_at == self.started_at:
            return None
        return sum_steps(
            series.snapshot(series.warmup)
            for series in self._steps.values()
            if series.warmup is not None
        )
