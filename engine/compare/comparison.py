"""Two runs compared: per step and figure better, worse or no difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import expm1, inf, sqrt
from typing import Any, Self

from ..record.reading import Record
from .differences import differences
from .figures import FIGURES, Figure, Row
from .noise import Estimate, draws, estimate, interval
from .slices import TOTAL, Key, Steady, steady_part

# The chance of any false alarm in the whole comparison, shared out among its figures.
_FALSE_ALARM = 0.01

NO_DIFFERENCE, BETTER, WORSE = "no difference", "better", "worse"
TOO_SHORT, TOO_FEW = "too short to tell", "too few to tell"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs; `origin` is how its record begins."""

    origin: Mapping[str, Any]
    report: Mapping[str, Any]
    steady: Steady

    @classmethod
    def of(cls, record: Record, report: Mapping[str, Any] | None = None) -> Self:
        """Read a run, whose report may not be written yet; raises UsageError."""
        report = record.report if report is None else report
        return cls(record.origin, report, steady_part(report, record.seconds()))

    @property
    def is_trusted(self) -> bool:
        return bool(self.report["health"]["trusted"])


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of a step in both runs: times in seconds, `change` and its interval as shares.

    For a rate of errors they are differences, for the rest 0.1 is 10 % more. None is unknown.
    """

    step: Key
    figure: Figure
    before: float | None
    after: float | None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: str = TOO_FEW

    @property
    def relative(self) -> float:
        """The size of the change as a share of what was before; from 0 it is infinite."""
        if not self.figure.is_share:
            return abs(self.change or 0.0)
        return abs(self.change or 0.0) / self.before if self.before else inf

    @property
    def least_seen(self) -> float | None:
        """The smallest rise that would have stood out from this noise; None where unknown."""
        if self.low is None or self.high is None:
            return None
        if self.figure.is_share:
            return (self.high - self.low) / 2
        return sqrt((1 + self.high) / (1 + self.low)) - 1 if self.low > -1 else inf


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of A in B. The total's changes come first."""

    a: Side
    b: Side
    changes: Sequence[Change]
    only_in_a: Sequence[Key]
    only_in_b: Sequence[Key]
    warnings: Sequence[str]

    @property
    def verdict(self) -> str:
        """One word for all: worse if anything is."""
        verdicts = {change.verdict for change in self.changes}
        if not verdicts:
            return TOO_SHORT
        return next((word for word in (WORSE, BETTER) if word in verdicts), NO_DIFFERENCE)

    def fails(self, limit: float | None) -> bool:
        """Tell whether anything is worse by at least this share, or the runs cannot tell."""
        worse = [change for change in self.changes if change.verdict == WORSE]
        too_much = any(change.relative >= (limit or 0.0) for change in worse)
        return self.verdict == TOO_SHORT or too_much


def compare(a: Side, b: Side, limit: float | None = None) -> Comparison:
    """Compare two runs; a limit below the least change that counts makes smaller ones count."""
    names = [step for step in a.steady.rows if step in b.steady.rows]
    return Comparison(
        a,
        b,
        _changes(a.steady, b.steady, sorted(names, key=lambda step: step != TOTAL), limit),
        [step for step in _steps(a) if step not in b.steady.rows],
        [step for step in _steps(b) if step not in a.steady.rows],
        list(differences((a.origin, b.origin), (a.report, b.report))),
    )


def _steps(side: Side) -> list[Key]:
    return [step for step in side.steady.rows if step != TOTAL]


def _changes(a: Steady, b: Steady, steps: Sequence[Key], limit: float | None) -> list[Change]:
    if not (a.is_long_enough and b.is_long_enough):
        return []
    pairs = list(_pairs(a, b, steps))
    judged = sum(pair.before is not None and pair.after is not None for pair in pairs)
    level = 1 - _FALSE_ALARM / max(judged, 1)
    return [pair.judge(level, limit) for pair in pairs]


def _pairs(a: Steady, b: Steady, steps: Sequence[Key]) -> Iterator[_Pair]:
    drawn_a, drawn_b = draws(len(a.widths), 1), draws(len(b.widths), 2)
    for step in steps:
        row_a, row_b = Row(a.rows[step], a.widths), Row(b.rows[step], b.widths)
        for figure in FIGURES:
            before, after = estimate(row_a, figure, drawn_a), estimate(row_b, figure, drawn_b)
            if before is not None or after is not None:
                yield _Pair(step, figure, before, after)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A figure of a step as both runs know it, None where one has too little of it."""

    step: Key
    figure: Figure
    before: Estimate | None
    after: Estimate | None

    def judge(self, level: float, limit: float | None) -> Change:
        """Return the change with its interval at this level."""
        before, after, figure = self.before, self.after, self.figure
        change = Change(self.step, figure, _value(before), _value(after))
        if before is None or after is None:
            return change
        ends = interval(figure, before, after, level)
        shift, low, high = ends if figure.is_share else map(expm1, ends)
        least = figure.least if limit is None or figure.is_share else min(figure.least, limit)
        verdict = _verdict(figure, shift, low, high, least)
        return replace(change, change=shift, low=low, high=high, verdict=verdict)


def _value(one: Estimate | None) -> float | None:
    return None if one is None else one.value


def _verdict(figure: Figure, change: float, low: float, high: float, least: float) -> str:
    if low <= 0 <= high or abs(change) < least:
        return NO_DIFFERENCE
    return BETTER if (change > 0) == figure.more_is_better else WORSE
