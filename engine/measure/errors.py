"""Count failures by kind, detail, step and message, in a table of limited size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..errors import StepFailed

# A target that fails in thousands of ways must not fill the memory of the generator.
_MOST_ROWS = 200
_MOST_TEXT = 200
# Limits of this machine, not faults of the server: each is logged once, with what to do.
_OWN_FAULTS = {
    "fd_limit": "no file is left for a connection: use fewer users, or raise ulimit -n",
    "port_limit": "no port is left for a connection: keep connections alive, use fewer users, or"
    " widen net.ipv4.ip_local_port_range",
}


class RunLog(Protocol):
    """The log of a run; it also masks secrets in texts."""

    def warn(self, text: str) -> None:
        """Log a warning."""
        ...

    def mask(self, text: str) -> str:
        """Return the text without secrets."""
        ...


class NoLog:
    """Drops warnings and masks nothing."""

    def warn(self, text: str) -> None:
        pass

    def mask(self, text: str) -> str:
        return text


@dataclass(frozen=True, slots=True)
class ErrorSnapshot:
    """One row of the error table. Times are seconds since the load began.

    `traceback` is that of the first failure, None unless the user's own code raised it.
    """

    kind: str
    detail: str
    case: str
    step: str
    message: str
    count: int
    first_at: float
    last_at: float
    traceback: str | None = None


@dataclass(slots=True)
class _Row:
    count: int
    first_at: float
    last_at: float
    traceback: str


class ErrorTable:
    """Counts every failure; beyond 200 different rows the rest shares one row `other`.

    The log masks the texts of a snapshot and gets the traceback of each new row that has one.
    `own_faults` counts the failures that this machine caused.
    """

    def __init__(self, elapsed: Callable[[], float], log: RunLog) -> None:
        self.own_faults = 0
        self._log = log
        self._elapsed = elapsed
        self._told: set[str] = set()
        self._rows: dict[tuple[str, str, str, str, str], _Row] = {}

    def add(self, failure: StepFailed, case: str, step: str) -> None:
        now = self._elapsed()
        key = (failure.kind, failure.detail, case, step, failure.message[:_MOST_TEXT])
        row = self._rows.get(key)
        # A message may hold an id or a time, so the number of different ones has no limit.
        if row is None and len(self._rows) >= _MOST_ROWS:
            key = ("other", "", "", "", "failures of more kinds than are kept apart")
            row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = _Row(0, now, now, failure.traceback)
            if failure.traceback:
                self._log.warn(f"step {step!r}: {failure.message}\n{failure.traceback.rstrip()}")
        row.count += 1
        row.last_at = now
        if failure.kind in _OWN_FAULTS:
            self._add_own(failure.kind)

    def _add_own(self, kind: str) -> None:
        self.own_faults += 1
        if kind not in self._told:
            self._told.add(kind)
            self._log.warn(_OWN_FAULTS[kind])

    def snapshot(self) -> tuple[ErrorSnapshot, ...]:
        """Return the rows, most frequent first."""
        rows = sorted(self._rows.items(), key=lambda item: -item[1].count)
        return tuple(
            ErrorSnapshot(
                *key[:-1],
                self._log.mask(key[-1]),
                row.count,
                row.first_at,
                row.last_at,
                self._log.mask(row.traceback) or None,
            )
            for key, row in rows
        )
