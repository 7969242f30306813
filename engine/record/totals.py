"""Seconds of a record added up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Self

from ..measure.snapshot import StepSnapshot, TransactionSnapshot
from .seconds import RecordedSecond


class Totals:
    """The rows over all seconds that were added; their histograms become its own."""

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
        """Add one second. In the warm-up the steps' rows are its own."""
        if second.t < 0:
            for row in second.steps:
                self._add_warmup(row)
            return
        if second.warmup is not None:
            self._add_warmup(second.warmup)
        for row in second.steps:
            key = (row.case, row.name, row.type)
            self._steps[key] = _sum(self._steps.get(key), row)
        for span in second.transactions:
            self._add_transaction(span)

    def _add_warmup(self, row: StepSnapshot) -> None:
        self.warmup = _sum(self.warmup, replace(row, case="", name="", type=""))

    def _add_transaction(self, span: TransactionSnapshot) -> None:
        key = (span.case, span.name)
        before = self._transactions.get(key)
        if before is not None:
            before.duration.merge(span.duration)
            span = replace(
                before,
                ok=before.ok + span.ok,
                failed=before.failed + span.failed,
                interrupted=before.interrupted + span.interrupted,
            )
        self._transactions[key] = span


def _sum(before: StepSnapshot | None, row: StepSnapshot) -> StepSnapshot:
    if before is None:
        return row
    before.latency.merge(row.latency)
    before.connect.merge(row.connect)
    before.response.merge(row.response)
    return replace(
        before,
        issued=before.issued + row.issued,
        ok=before.ok + row.ok,
        failed=before.failed + row.failed,
        cancelled=before.cancelled + row.cancelled,
        not_issued=before.not_issued + row.not_issued,
        bytes_in=before.bytes_in + row.bytes_in,
    )
