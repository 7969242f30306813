"""This module holds the results of a functional run, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import StepFailed
from ..scenario.functional_trace import Trace


@dataclass(slots=True)
class RowResult:
    """One case with one parameter row. `started_at` is seconds since 1970, `duration` seconds.

    `failure` is what ended the row from outside its steps: its timeout, or the user.
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
        """The case's name, with the number of the row where there are several."""
        return f"{self.case} [row {self.number}]" if self.rows > 1 else self.case

    @property
    def passed(self) -> bool:
        return self.failure is None and all(trace.passed for trace in self.traces)


@dataclass(frozen=True, slots=True)
class Results:
    """All rows that were run; `interrupted` says that there should have been more."""

    rows: tuple[RowResult, ...]
    started_at: float
    duration: float
    interrupted: bool

    @property
    def passed(self) -> bool:
        return all(row.passed for row in self.rows)
