"""Count the results of one step or one transaction, in total and per second."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..errors import StepFailed
from .errors import ErrorTable
from .histogram import Histogram
from .snapshot import StepSnapshot, TransactionSnapshot


class Times:
    """Collects times: first in the list `pending`, then in a histogram per second and in total.

    A request only appends to a list; the histograms take whole batches, which is faster. `second`
    has the times of the second that is not over, up to the last `fold`.
    """

    __slots__ = ("_whole", "pending", "second")

    def __init__(self) -> None:
        self.pending: list[float] = []
        self.second = Histogram()
        self._whole = Histogram()

    def fold(self) -> None:
        """Move the pending times into the histogram of this second."""
        if self.pending:
            self.second.add(self.pending)
            self.pending.clear()

    def end_second(self) -> Histogram:
        """Return the histogram of the second that ends now, and begin a new one."""
        self.fold()
        ended = self.second
        if ended.count:
            self._whole.merge(ended)
            self.second = Histogram()
        return ended

    def snapshot(self) -> Histogram:
        """Return the histogram of all times so far."""
        self.fold()
        whole = self._whole.copy()
        whole.merge(self.second)
        return whole


class _Totals(NamedTuple):
    issued: int = 0
    ok: int = 0
    failed: int = 0
    cancelled: int = 0
    not_issued: int = 0
    bytes_in: int = 0


class _Ended(NamedTuple):
    """The counts and times of a second, or of all so far."""

    totals: _Totals
    status: Mapping[int, int]
    latency: Histogram
    connect: Histogram
    response: Histogram


class Counts:
    """Counts the requests of one step, either those of the warm-up or those measured after it.

    `latencies`, `connects` and `responses` take one time in seconds per request. `status` counts
    responses by status code.
    """

    __slots__ = (
        "_told",
        "_told_status",
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
        "status",
    )

    def __init__(self) -> None:
        self.issued = self.ok = self.failed = self.cancelled = self.not_issued = 0
        self.bytes_in = 0
        self.latency, self.connect, self.response = Times(), Times(), Times()
        # Each request appends to these: their own names save it an attribute look-up.
        self.latencies = self.latency.pending
        self.connects = self.connect.pending
        self.responses = self.response.pending
        self.status: defaultdict[int, int] = defaultdict(int)
        self._told = _Totals()
        self._told_status: Mapping[int, int] = {}

    def totals(self) -> _Totals:
        return _Totals(
            self.issued, self.ok, self.failed, self.cancelled, self.not_issued, self.bytes_in
        )

    def end_second(self) -> _Ended:
        """Return what was counted in the second that ends now."""
        now = self.totals()
        before, self._told = self._told, now
        new = _Totals(*(one - other for one, other in zip(now, before, strict=True)))
        return _Ended(
            new,
            self._new_status(),
            self.latency.end_second(),
            self.connect.end_second(),
            self.response.end_second(),
        )

    def snapshot(self) -> _Ended:
        """Return everything that was counted so far."""
        return _Ended(
            self.totals(),
            dict(self.status),
            self.latency.snapshot(),
            self.connect.snapshot(),
            self.response.snapshot(),
        )

    def _new_status(self) -> dict[int, int]:
        before, self._told_status = self._told_status, dict(self.status)
        grown = ((code, now - before.get(code, 0)) for code, now in self._told_status.items())
        return {code: new for code, new in grown if new}


@dataclass(slots=True, eq=False)
class StepSeries:
    """Counts one step of a case, which is a row of the report.

    When the warm-up ends, `counts` moves to `warmup` and is replaced by a new one.
    """

    case: str
    name: str
    type: str
    errors: ErrorTable
    counts: Counts = field(default_factory=Counts)
    warmup: Counts | None = None

    def fail(self, failure: StepFailed, counts: Counts) -> StepFailed:
        """Count an issued request as failed, and return the failure for the caller to raise."""
        counts.failed += 1
        self.errors.add(failure, self.case, self.name)
        return failure

    def fail_unissued(self, failure: StepFailed, counts: Counts) -> StepFailed:
        """Count a request that failed before anything of it was sent, and return the failure."""
        counts.not_issued += 1
        self.errors.add(failure, self.case, self.name)
        return failure

    def end_second(self) -> tuple[StepSnapshot, StepSnapshot | None]:
        """Return the row of the second that ends now, and the row of requests of the warm-up.

        A request that began in the warm-up may end seconds after it; it still belongs to it.
        """
        warmup = None if self.warmup is None else self._row(self.warmup.end_second())
        return self._row(self.counts.end_second()), warmup

    def snapshot(self, counts: Counts) -> StepSnapshot:
        return self._row(counts.snapshot())

    def _row(self, ended: _Ended) -> StepSnapshot:
        return StepSnapshot(
            case=self.case,
            name=self.name,
            type=self.type,
            **ended.totals._asdict(),
            latency=ended.latency,
            connect=ended.connect,
            response=ended.response,
            status=ended.status,
        )


@dataclass(slots=True)
class TransactionSeries:
    """Counts one transaction, a named span of steps; `Action` is the whole iteration.

    Durations are in seconds. Spans that began before `since`, in the warm-up, are left out.
    """

    case: str
    name: str
    since: float = 0.0
    ok: int = 0
    failed: int = 0
    interrupted: int = 0
    _durations: Times = field(default_factory=Times)
    _told: tuple[int, int, int] = (0, 0, 0)

    def add(self, started_at: float, ended_at: float, passed: bool | None) -> None:
        """Count a span; `passed` is None if the end of the run interrupted it."""
        if started_at < self.since:
            return
        if passed is None:
            self.interrupted += 1
            return
        if passed:
            self.ok += 1
        else:
            self.failed += 1
        self._durations.pending.append(ended_at - started_at)

    def fold(self) -> None:
        """Move pending durations into the histogram."""
        self._durations.fold()

    def restart(self, since: float) -> None:
        """Forget everything that began before `since`."""
        self.since = since
        self.ok = self.failed = self.interrupted = 0
        self._told = (0, 0, 0)
        self._durations = Times()

    def end_second(self) -> TransactionSnapshot:
        """Return the row of the second that ends now."""
        now = (self.ok, self.failed, self.interrupted)
        before, self._told = self._told, now
        ok, failed, interrupted = (one - other for one, other in zip(now, before, strict=True))
        return TransactionSnapshot(
            self.case, self.name, ok, failed, interrupted, self._durations.end_second()
        )

    def snapshot(self) -> TransactionSnapshot:
        return TransactionSnapshot(
            self.case, self.name, self.ok, self.failed, self.interrupted, self._durations.snapshot()
        )
