"""Count and time a running load. One event loop writes, others read frozen snapshots.

Every request ends in exactly one counter: its step counts it in one synchronous place, so a
cancellation cannot come in between.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from copy import copy
from time import perf_counter

from .errors import ErrorTable, NoLog, RunLog
from .histogram import Histogram, merged
from .series import Counts, StepSeries, TransactionSeries
from .snapshot import (
    BANDS,
    Accounting,
    Iterations,
    Mark,
    Second,
    Slice,
    Snapshot,
    StepSnapshot,
    sum_steps,
)

_RECENT_SECONDS = 10


class Stats:
    """Holds all counters of one run."""

    def __init__(
        self, clock: Callable[[], float] = perf_counter, log: RunLog | None = None
    ) -> None:
        self._clock = clock
        self.started_at = clock()
        self.measured_at = self.started_at
        self._ended_at: float | None = None
        self.errors = ErrorTable(self.elapsed, log or NoLog())
        self.iterations = Iterations()
        self.seconds: list[Second] = []
        self.users = 0
        self.peak_users = 0
        self.users_wanted = 0
        self._steps: dict[tuple[str, str, str], StepSeries] = {}
        self._transactions: dict[tuple[str, str], TransactionSeries] = {}
        self._recent: deque[Histogram] = deque(maxlen=_RECENT_SECONDS)
        self._marks: list[Mark] = []
        self._before = Accounting()

    def start_clock(self) -> None:
        """Begin the load now: its times count from this moment."""
        self.started_at = self.measured_at = self._clock()

    def end_warmup(self) -> None:
        """End the warm-up now. Requests that are under way still belong to it."""
        self.measured_at = self._clock()
        for series in self._steps.values():
            # A request keeps the counts that it began with, so it still ends in the warm-up.
            series.warmup, series.counts = series.counts, Counts()
        for spans in self._transactions.values():
            spans.restart(self.measured_at)

    def end_load(self) -> None:
        """End the time of the load at the first call; what is counted later belongs to no rate."""
        if self._ended_at is None:
            self._ended_at = self._clock()

    def elapsed(self) -> float:
        """Return the seconds since the load began."""
        return self._clock() - self.started_at

    def step(self, case: str, name: str, type_: str) -> StepSeries:
        """Return the series of this step; it is created on first use."""
        key = (case, name, type_)
        if key not in self._steps:
            self._steps[key] = StepSeries(case, name, type_, self.errors)
        return self._steps[key]

    def transaction(self, case: str, name: str) -> TransactionSeries:
        """Return the series of this transaction; it is created on first use."""
        key = (case, name)
        if key not in self._transactions:
            self._transactions[key] = TransactionSeries(case, name)
        return self._transactions[key]

    def user_started(self) -> None:
        self.users += 1
        if self.users > self.peak_users:
            self.peak_users = self.users

    def user_ended(self) -> None:
        self.users -= 1

    def mark(self, what: str) -> None:
        """Record an event at this moment."""
        self._marks.append(Mark(self.elapsed(), what))

    def cut(self) -> None:
        """Count all that has not ended as cut: the run ends now, in whatever it does."""
        for counts in self._counts():
            counts.cancelled += counts.issued - counts.ok - counts.failed - counts.cancelled
        self.iterations.interrupted += self.iterations.running
        self.users = 0

    def second_latency(self) -> Histogram:
        """Return the latencies of the current second."""
        self.fold()
        return merged(counts.latency.second for counts in self._counts())

    def end_second(self, t: int, plugins: int | None, lag: float | None) -> Slice:
        """End the second `t` of the timeline: 1 is the first, numbers below 0 are the warm-up."""
        # A second is the difference of two running totals, so nothing has to be reset.
        now = self.accounting()
        before, self._before = self._before, now
        latency = self.second_latency()
        self._recent.append(latency)
        middle, high, tail = latency.percentiles((50, 95, 99))
        second = Second(
            t,
            self.users,
            now.issued - before.issued,
            now.ok - before.ok,
            now.failed - before.failed,
            middle,
            tail,
            plugins,
            lag,
            latency.bands(BANDS),
            high,
        )
        self.seconds.append(second)
        return self._slice(second)

    def fold(self) -> None:
        """Move pending times into histograms; a call now and then keeps each one short."""
        for counts in self._counts():
            counts.latency.fold()
        for spans in self._transactions.values():
            spans.fold()

    def _slice(self, second: Second) -> Slice:
        rows = [series.end_second() for series in self._steps.values()]
        warmups = [warmup for _, warmup in rows if warmup is not None]
        return Slice(
            second=second,
            steps=tuple(row for row, _ in rows),
            warmup=sum_steps(warmups) if warmups else None,
            transactions=tuple(spans.end_second() for spans in self._transactions.values()),
        )

    def _counts(self) -> Iterator[Counts]:
        for series in self._steps.values():
            yield series.counts
            if series.warmup is not None:
                yield series.warmup

    def accounting(self) -> Accounting:
        """Return the request counters over the whole run, warm-up included."""
        return Accounting.over(self._counts())

    def snapshot(self) -> Snapshot:
        """Freeze everything as it is now."""
        self.fold()
        until = self._clock() if self._ended_at is None else self._ended_at
        steps = tuple(series.snapshot(series.counts) for series in self._steps.values())
        return Snapshot(
            elapsed=until - self.started_at,
            # The warm-up may end after the load, while steps with once: end run.
            measured=max(0.0, until - self.measured_at),
            users=self.users,
            users_wanted=self.users_wanted,
            peak_users=self.peak_users,
            accounting=self.accounting(),
            iterations=copy(self.iterations),
            steps=steps,
            total=sum_steps(steps),
            warmup=self._warmup(),
            transactions=tuple(series.snapshot() for series in self._transactions.values()),
            errors=self.errors.snapshot(),
            seconds=tuple(self.seconds),
            recent=merged([*self._recent, self.second_latency()]),
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
