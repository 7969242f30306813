"""Add up the seconds of a record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from msgspec.structs import replace

from ..measure.snapshot import StepSnapshot, TransactionSnapshot
from .seconds import RecordedSecond


class Totals:
    """Sums up the rows of all seconds that were added.

    It takes over their histograms and merges into them, so a second must not be used again.
    """

    def __init__(self) -> None:
        self.warmup: StepSnapshot | None = None
        self._steps: dict[tuple[str, str, str], StepSnapshot] = {}
        self._transactions: dict[tuple[str, str], TransactionSnapshot] = {}

    @classmethod
    def over(cls, seconds: Iterable[RecordedSecond]) -> Self:
        totals = cls()
        for second in seconds:
            totals.add(second)
        return totals

    @property
    def steps(self) -> tuple[StepSnapshot, ...]:
        return tuple(self._steps.values())

    @property
    def transactions(self) -> tuple[TransactionSnapshot, ...]:
        return tuple(self._transactions.values())

    def add(self, second: RecordedSecond) -> None:
        """Add one second; before the measured part its step rows count as warm-up."""
        if second.t < 0:
            for row in second.steps:
                self._add_warmup(row)
            return
        if second.warmup is not None:
            self._add_warmup(second.warmup)
        for row in second.steps:
            before = self._steps.get(row.key)
            self._steps[row.key] = row if before is None else before.merge(row)
        for span in second.transactions:
            spans = self._transactions.get(span.key)
            self._transactions[span.key] = span if spans is None else spans.merge(span)

    def _add_warmup(self, row: StepSnapshot) -> None:
        if self.warmup is None:
            self.warmup = replace(row, case="", name="", type="")
        else:
            self.warmup = self.warmup.merge(row)
