"""Hold the numbers of a run at one moment, frozen, for screens and reports to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from .errors import ErrorSnapshot
from .histogram import Histogram

# Edges in seconds of the latency bands: each second keeps one count per band, not a histogram.
BANDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class _Counted(Protocol):
    @property
    def issued(self) -> int: ...
    @property
    def ok(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def cancelled(self) -> int: ...
    @property
    def not_issued(self) -> int: ...


class Accounting(Struct, frozen=True):
    """Counts how requests ended: issued = ok + failed + cancelled + in_flight.

    `not_issued` counts steps that failed before a request was sent; they are not in `issued`.
    """

    issued: int = 0
    ok: int = 0
    failed: int = 0
    cancelled: int = 0
    not_issued: int = 0

    @property
    def in_flight(self) -> int:
        return self.issued - self.ok - self.failed - self.cancelled

    @property
    def error_rate(self) -> float | None:
        """The share of failures, 0..1, among all requests that the end of the run did not cut."""
        ended = self.ok + self.failed + self.not_issued
        return (self.failed + self.not_issued) / ended if ended else None

    @classmethod
    def over(cls, parts: Iterable[_Counted]) -> Accounting:
        issued = ok = failed = cancelled = not_issued = 0
        for part in parts:
            issued += part.issued
            ok += part.ok
            failed += part.failed
            cancelled += part.cancelled
            not_issued += part.not_issued
        return cls(issued, ok, failed, cancelled, not_issued)


@dataclass(slots=True)
class Iterations:
    """Counts iterations: planned = started + dropped, and
    started = completed + failed + interrupted + running.

    The run has one that it counts in; a snapshot holds a copy.
    """

    started: int = 0
    completed: int = 0
    failed: int = 0
    interrupted: int = 0
    no_user: int = 0
    late: int = 0

    @property
    def dropped(self) -> int:
        return self.no_user + self.late

    @property
    def planned(self) -> int:
        return self.started + self.dropped

    @property
    def running(self) -> int:
        return self.started - self.completed - self.failed - self.interrupted


class StepSnapshot(Struct, frozen=True):
    """The numbers of one step. Histograms hold seconds, `bytes_in` counts decoded body bytes.

    `status` counts responses by status code.
    """

    case: str
    name: str
    type: str
    issued: int = 0
    ok: int = 0
    failed: int = 0
    cancelled: int = 0
    not_issued: int = 0
    bytes_in: int = 0
    latency: Histogram = field(default_factory=Histogram)
    connect: Histogram = field(default_factory=Histogram)
    response: Histogram = field(default_factory=Histogram)
    status: Mapping[int, int] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str]:
        """Return the fields that identify a step within a run."""
        return (self.case, self.name, self.type)

    def copy(self) -> StepSnapshot:
        """Return the row with histograms of its own."""
        return replace(
            self,
            latency=self.latency.copy(),
            connect=self.connect.copy(),
            response=self.response.copy(),
        )

    def merge(self, other: StepSnapshot) -> StepSnapshot:
        """Return the sum under this row's name; this row's histograms take in the other's."""
        self.latency.merge(other.latency)
        self.connect.merge(other.connect)
        self.response.merge(other.response)
        return replace(
            self,
            issued=self.issued + other.issued,
            ok=self.ok + other.ok,
            failed=self.failed + other.failed,
            cancelled=self.cancelled + other.cancelled,
            not_issued=self.not_issued + other.not_issued,
            bytes_in=self.bytes_in + other.bytes_in,
            status=dict(Counter(self.status) + Counter(other.status)),
        )


class TransactionSnapshot(Struct, frozen=True):
    """One transaction's numbers; `duration` holds seconds."""

    case: str
    name: str
    ok: int = 0
    failed: int = 0
    interrupted: int = 0
    duration: Histogram = field(default_factory=Histogram)

    @property
    def key(self) -> tuple[str, str]:
        """Return the fields that identify a transaction within a run."""
        return (self.case, self.name)

    def copy(self) -> TransactionSnapshot:
        """Return the row with a histogram of its own."""
        return replace(self, duration=self.duration.copy())

    def merge(self, other: TransactionSnapshot) -> TransactionSnapshot:
        """Return the sum under this row's name; this row's histogram takes in the other's."""
        self.duration.merge(other.duration)
        return replace(
            self,
            ok=self.ok + other.ok,
            failed=self.failed + other.failed,
            interrupted=self.interrupted + other.interrupted,
        )


class Second(Struct, frozen=True):
    """One second of the timeline. `t` is its end; percentiles and lag are in seconds.

    `bands` counts its latencies between the edges of `BANDS`.
    """

    t: int
    users: int
    issued: int
    ok: int
    failed: int
    p50: float | None
    p99: float | None
    plugins: int | None
    lag: float | None
    bands: tuple[int, ...] = ()
    p95: float | None = None


class Slice(Struct, frozen=True):
    """Everything that ended in one second, in the rows of a snapshot.

    `warmup` sums up requests that began in the warm-up. The slices of a run add up to its
    snapshot.
    """

    second: Second
    steps: tuple[StepSnapshot, ...]
    warmup: StepSnapshot | None
    transactions: tuple[TransactionSnapshot, ...]


class Mark(Struct, frozen=True):
    """An event of the run; `at` is in seconds since the load began."""

    at: float
    what: str


class ShardSnapshot(Struct, frozen=True):
    """One of several engines that share a load. `users` are assigned to it, `working` are active.

    `state` is preparing, running, silent, done or lost. The numbers of a lost shard are complete
    up to `lost_at`; `missing` estimates the requests that it would have sent after that. Rates
    are per second, CPU is in percent of one core, times are in seconds.
    """

    id: int
    host: str
    users: int
    state: str
    lost_at: float | None
    missing: int | None
    why: str | None
    working: int
    rate: int
    issued: int
    cpu: float | None
    lag: float | None
    plugins: int
    pid: int | None


class Snapshot(Struct, frozen=True):
    """Everything counted so far.

    `elapsed` is in seconds since the load began, `measured` since the end of its warm-up. Steps,
    transactions and total hold only what began after the warm-up. `recent` holds the latencies
    of the last ten seconds. `shards` is empty if one engine does the whole load.
    """

    elapsed: float
    measured: float
    users: int
    users_wanted: int
    peak_users: int
    accounting: Accounting
    iterations: Iterations
    steps: tuple[StepSnapshot, ...]
    total: StepSnapshot
    warmup: StepSnapshot | None
    transactions: tuple[TransactionSnapshot, ...]
    errors: tuple[ErrorSnapshot, ...]
    seconds: tuple[Second, ...]
    recent: Histogram
    marks: tuple[Mark, ...]
    shards: tuple[ShardSnapshot, ...] = ()


def sum_steps(
    steps: Iterable[StepSnapshot], case: str = "", name: str = "", type_: str = ""
) -> StepSnapshot:
    """Return one row over all of these, under this name; the rows stay as they are."""
    total = StepSnapshot(case, name, type_)
    for row in steps:
        total = total.merge(row)
    return total


def merged_steps(steps: Iterable[StepSnapshot]) -> tuple[StepSnapshot, ...]:
    """Return one row per step, in the order in which the steps first appear."""
    rows: dict[tuple[str, str, str], StepSnapshot] = {}
    for row in steps:
        rows[row.key] = rows.get(row.key, StepSnapshot(*row.key)).merge(row)
    return tuple(rows.values())


def merged_transactions(spans: Iterable[TransactionSnapshot]) -> tuple[TransactionSnapshot, ...]:
    """Return one row per transaction, in the order in which they first appear."""
    rows: dict[tuple[str, str], TransactionSnapshot] = {}
    for row in spans:
        rows[row.key] = rows.get(row.key, TransactionSnapshot(*row.key)).merge(row)
    return tuple(rows.values())
