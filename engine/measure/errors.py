"""What failed, counted by kind, detail, step and text; the table is bounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import StepFailed

_MOST_ROWS = 200
_MOST_TEXT = 200
# What this machine could not give a connection: told once each, with what to do.
_OWN_FAULTS = {
    "fd_limit": "no file is left for a connection: use fewer users, or raise ulimit -n",
    "port_limit": "no port is left for a connection: keep connections alive, use fewer users, or"
    " widen net.ipv4.ip_local_port_range",
}


@dataclass(frozen=True, slots=True)
class ErrorSnapshot:
    """One row; times are seconds since the load began.

    `traceback` is that of the first failure, None where no code of the user was at fault.
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
    """Counts every failure; the texts of the many that differ become one row `other`.

    `mask` keeps secrets out of the texts that a snapshot shows; `tell` is given the traceback
    of each new row that has one. `own_faults` counts the failures that are this machine's.
    """

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self.mask: Callable[[str], str] = str
        self.tell: Callable[[str], None] = _ignore
        self.own_faults = 0
        self._elapsed = elapsed
        self._told: set[str] = set()
        self._rows: dict[tuple[str, str, str, str, str], _Row] = {}

    def add(self, failure: StepFailed, case: str, step: str) -> None:
        now = self._elapsed()
        key = (failure.kind, failure.detail, case, step, failure.message[:_MOST_TEXT])
        row = self._rows.get(key)
        if row is None and len(self._rows) >= _MOST_ROWS:
            key = ("other", "", "", "", "failures of more kinds than are kept apart")
            row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = _Row(0, now, now, failure.traceback)
            if failure.traceback:
                self.tell(f"step {step!r}: {failure.message}\n{failure.traceback.rstrip()}")
        row.count += 1
        row.last_at = now
        if failure.kind in _OWN_FAULTS:
            self._add_own(failure.kind)

    def _add_own(self, kind: str) -> None:
        self.own_faults += 1
        if kind not in self._told:
            self._told.add(kind)
            self.tell(_OWN_FAULTS[kind])

    def snapshot(self) -> tuple[ErrorSnapshot, ...]:
        """Return the rows, most frequent first."""
        rows = sorted(self._rows.items(), key=lambda item: -item[1].count)
        return tuple(
            ErrorSnapshot(
                *key[:-1],
                self.mask(key[-1]),
                row.count,
                row.first_at,
                row.last_at,
                self.mask(row.traceback) or None,
            )
            for key, row in rows
        )


def _ignore(_text: str) -> None:
    pass
