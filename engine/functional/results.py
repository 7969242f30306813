"""This module holds the results of a functional run, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from ..errors import StepFailed
from ..scenario.functional_trace import Trace


class RowResult(Struct):
    """The result of one case with one parameter row. `started_at` is in seconds since 1970.

    `failure` is set if the row was ended from outside its steps: by its timeout or by the user.
    """

    case: str
    number: int
    rows: int
    row: Mapping[str, Any]
    variables: Mapping[str, Any]
    started_at: float = 0.0
    duration: float = 0.0
    traces: Sequence[Trace] = ()
    exports: Mapping[str, Any] = field(default_factory=dict)
    failure: StepFailed | None = None

    @property
    def title(self) -> str:
        """The case's name, with the number of the row if there are several."""
        return f"{self.case} [row {self.number}]" if self.rows > 1 else self.case

    @property
    def passed(self) -> bool:
        return self.failure is None and all(trace.passed for trace in self.traces)


class Results(Struct, frozen=True):
    """The results of all rows that ran; `interrupted` means that others did not run."""

    rows: tuple[RowResult, ...]
    started_at: float
    duration: float
    interrupted: bool

    @property
    def passed(self) -> bool:
        return all(row.passed for row in self.rows)

    @property
    def sent_nothing(self) -> bool:
        """Whether no step had anything to send; that passes, and proves nothing."""
        traces = [trace for row in self.rows for trace in row.traces]
        return not any(trace.request is not None or trace.sent is not None for trace in traces)
