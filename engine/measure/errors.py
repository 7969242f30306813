"""Count failures by kind, detail, step and check as written, in a table of limited size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from ..errors import StepFailed

# A target that fails in thousands of ways must not fill the memory of the generator.
_MOST_ROWS = 200
_MOST_TEXT = 200
_MOST_READ = 2000
_MOST_EXAMPLES = 3
_GOT = ": got "
_OTHER = ("other", "", "", "", "")
_OTHER_MESSAGE = "failures of more kinds than are kept apart"
# Limits of this machine, not faults of the server: each is logged once, with what to do.
_OWN_FAULTS = {
    "fd_limit": "no file is left for a connection: use fewer users, or raise ulimit -n",
    "port_limit": "no port is left for a connection: keep connections alive, use fewer users, or"
    " widen net.ipv4.ip_local_port_range",
}


# Kind, detail, case, step, and the check as written.
_Key = tuple[str, str, str, str, str]


class RunLog(Protocol):
    """The log of a run; it also masks secrets in texts."""

    def warn(self, text: str) -> None:
        """Log a warning."""
        ...

    def error(self, text: str) -> None:
        """Log an error."""
        ...

    def mask(self, text: str) -> str:
        """Return the text without secrets."""
        ...


class NoLog:
    """Drops all lines and masks nothing."""

    def warn(self, text: str) -> None:
        pass

    def error(self, text: str) -> None:
        pass

    def mask(self, text: str) -> str:
        return text


class ErrorSnapshot(Struct, frozen=True):
    """One row of the error table. Times are seconds since the load began.

    `check` is a failed check as the case writes it, "" for other kinds. `examples` holds up to
    three different messages, with the values that came; `message` is the first. `traceback` is
    that of the first failure, None unless the user's own code raised it.
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
    check: str = ""
    examples: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ErrorSnapshot:
        """Return the row of a report; older reports have no `check` and no `examples`."""
        return cls(**{**data, "examples": tuple(data.get("examples", ()))})

    @property
    def key(self) -> tuple[str, ...]:
        """Return the fields that identify a row."""
        return (self.kind, self.detail, self.case, self.step, self.check)

    def merge(self, other: ErrorSnapshot) -> ErrorSnapshot:
        """Return the sum of two rows with the same key."""
        examples = tuple(dict.fromkeys((*self.examples, *other.examples)))
        return replace(
            self,
            count=self.count + other.count,
            first_at=min(self.first_at, other.first_at),
            last_at=max(self.last_at, other.last_at),
            traceback=self.traceback or other.traceback,
            examples=examples[:_MOST_EXAMPLES],
        )


def merged_errors(rows: Iterable[ErrorSnapshot]) -> list[ErrorSnapshot]:
    """Return one row per key, most frequent first; the rest shares a row beyond 200."""
    found: dict[tuple[str, ...], ErrorSnapshot] = {}
    for row in rows:
        found[row.key] = found[row.key].merge(row) if row.key in found else row
    whole = sorted(found.values(), key=lambda row: -row.count)
    if len(whole) <= _MOST_ROWS:
        return whole
    kept, rest = whole[: _MOST_ROWS - 1], whole[_MOST_ROWS - 1 :]
    others = (_other(row) for row in rest)
    return merged_errors([*kept, *others])


def _other(row: ErrorSnapshot) -> ErrorSnapshot:
    kind, detail, case, step, check = _OTHER
    times = (row.count, row.first_at, row.last_at)
    examples = (_OTHER_MESSAGE,)
    return ErrorSnapshot(
        kind, detail, case, step, _OTHER_MESSAGE, *times, check=check, examples=examples
    )


class _Row(Struct):
    """A row with masked texts. `seen` holds the beginnings of the messages of its examples.

    Texts are masked once: masking those of all rows for each snapshot would block the loop for
    milliseconds.
    """

    first_at: float
    last_at: float
    traceback: str
    check: str
    count: int = 0
    seen: list[str] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)


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
        self._rows: dict[_Key, _Row] = {}

    def add(self, failure: StepFailed, case: str, step: str) -> None:
        message = failure.message[:_MOST_READ]
        # The message is no part of the key: it may hold an id or a time, others each time.
        key = (failure.kind, failure.detail, case, step, failure.check)
        row = self._rows.get(key)
        if row is None and len(self._rows) >= _MOST_ROWS:
            key, message = _OTHER, _OTHER_MESSAGE
            row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = self._new_row(failure, step, key[-1])
        row.count += 1
        row.last_at = self._elapsed()
        if len(row.seen) < _MOST_EXAMPLES and message not in row.seen:
            self._add_example(row, message)
        if failure.kind in _OWN_FAULTS:
            self._add_own(failure.kind)

    def _new_row(self, failure: StepFailed, step: str, check: str) -> _Row:
        now, mask = self._elapsed(), self._log.mask
        if failure.traceback:
            self._log.warn(f"step {step!r}: {failure.message}\n{failure.traceback.rstrip()}")
        # The mask knows a check on a secret by its message, whose end this is.
        shown = mask(f"{check}{_GOT}").rpartition(_GOT)[0] if check else ""
        return _Row(now, now, mask(failure.traceback), shown)

    def _add_example(self, row: _Row, message: str) -> None:
        row.seen.append(message)
        # Masked before it is cut: a part of a secret must not stay at the end. The values stand
        # behind the check.
        example = self._log.mask(message)[: len(row.check) + _MOST_TEXT]
        if example not in row.examples:
            row.examples.append(example)

    def _add_own(self, kind: str) -> None:
        self.own_faults += 1
        if kind not in self._told:
            self._told.add(kind)
            self._log.warn(_OWN_FAULTS[kind])

    def snapshot(self) -> tuple[ErrorSnapshot, ...]:
        """Return the rows, most frequent first."""
        rows = sorted(self._rows.items(), key=lambda item: -item[1].count)
        return tuple(_snapshot(key, row) for key, row in rows)


def _snapshot(key: _Key, row: _Row) -> ErrorSnapshot:
    return ErrorSnapshot(
        *key[:-1],
        row.examples[0],
        row.count,
        row.first_at,
        row.last_at,
        row.traceback or None,
        row.check,
        tuple(row.examples),
    )
