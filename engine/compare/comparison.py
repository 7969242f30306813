"""Compare two runs: each figure of each step is better, worse or shows no difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import expm1, inf, log1p, sqrt
from typing import Any, Self

from msgspec import Struct
from msgspec.structs import replace

from ..record.reading import Record
from .accuracy import MOST_OWN, Accuracy
from .differences import differences
from .figures import FIGURES, Figure, Row
from .noise import Estimate, draws, estimate, interval
from .slices import TOTAL, Key, Steady, steady_part

# The chance of any false alarm in the whole comparison. It is divided by the number of figures
# (Bonferroni's correction), or a comparison of many steps would nearly always find something.
_FALSE_ALARM = 0.01

NO_DIFFERENCE, BETTER, WORSE = "no difference", "better", "worse"
TOO_SHORT, TOO_FEW = "too short to tell", "too few to tell"
# The generator's own delay may be more than half of the figure.
TOO_INACCURATE = "too inaccurate to tell"


class Side(Struct, frozen=True):
    """One of the two runs; `origin` is the first line of its record."""

    origin: Mapping[str, Any]
    report: Mapping[str, Any]
    steady: Steady
    accuracy: Accuracy

    @classmethod
    def of(cls, record: Record, report: Mapping[str, Any] | None = None) -> Self:
        """Read a run. Give its report if that is not written yet. Raises UsageError."""
        report = record.report if report is None else report
        steady = steady_part(report, record.seconds())
        return cls(record.origin, report, steady, Accuracy.of(report))


class Change(Struct, frozen=True):
    """The change of one figure of a step. Times are in seconds; None means unknown.

    `low` and `high` are the ends of the interval of `change`. All three are relative (0.1 is
    10 % more), for error rates they are differences. `own` are the shares of both values that may
    be the delay of the run's generator; the interval is wider by them.
    """

    step: Key
    figure: Figure
    before: float | None
    after: float | None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: str = TOO_FEW
    own: tuple[float, float] = (0.0, 0.0)

    @property
    def relative(self) -> float:
        """The size of the change relative to the value before; infinite if that was 0."""
        if not self.figure.is_share:
            return abs(self.change or 0.0)
        return abs(self.change or 0.0) / self.before if self.before else inf

    @property
    def least_seen(self) -> float | None:
        """The smallest rise that would have been larger than the noise; None if unknown."""
        if self.low is None or self.high is None:
            return None
        if self.figure.is_share:
            return (self.high - self.low) / 2
        return sqrt((1 + self.high) / (1 + self.low)) - 1 if self.low > -1 else inf


class Comparison(Struct, frozen=True):
    """The result of comparing run B with run A. The changes of the total come first."""

    a: Side
    b: Side
    changes: Sequence[Change]
    only_in_a: Sequence[Key]
    only_in_b: Sequence[Key]
    warnings: Sequence[str]

    @property
    def verdict(self) -> str:
        """The verdict over all changes: worse if any is worse, else better if any is better."""
        verdicts = {change.verdict for change in self.changes}
        if not verdicts:
            return TOO_SHORT
        return next((word for word in (WORSE, BETTER) if word in verdicts), NO_DIFFERENCE)

    def fails(self, limit: float | None) -> bool:
        """Return whether anything is worse by at least `limit`, or the runs are too short."""
        worse = [change for change in self.changes if change.verdict == WORSE]
        too_much = any(change.relative >= (limit or 0.0) for change in worse)
        return self.verdict == TOO_SHORT or too_much


def compare(a: Side, b: Side, limit: float | None = None) -> Comparison:
    """Compare two runs.

    Changes below a figure's `least` do not count, unless `limit` is lower: then its value counts.
    """
    names = [step for step in a.steady.rows if step in b.steady.rows]
    return Comparison(
        a,
        b,
        _changes(a, b, sorted(names, key=lambda step: step != TOTAL), limit),
        [step for step in _steps(a) if step not in b.steady.rows],
        [step for step in _steps(b) if step not in a.steady.rows],
        list(differences((a.origin, b.origin), (a.report, b.report))),
    )


def _steps(side: Side) -> list[Key]:
    return [step for step in side.steady.rows if step != TOTAL]


def _changes(a: Side, b: Side, steps: Sequence[Key], limit: float | None) -> list[Change]:
    if not (a.steady.is_long_enough and b.steady.is_long_enough):
        return []
    pairs = list(_pairs(a.steady, b.steady, steps))
    judged = sum(pair.before is not None and pair.after is not None for pair in pairs)
    level = 1 - _FALSE_ALARM / max(judged, 1)
    return [pair.judge(level, limit, (a.accuracy, b.accuracy)) for pair in pairs]


def _pairs(a: Steady, b: Steady, steps: Sequence[Key]) -> Iterator[_Pair]:
    # Different seeds: with the same draws the noise of both runs would be correlated.
    drawn_a, drawn_b = draws(len(a.widths), 1), draws(len(b.widths), 2)
    for step in steps:
        row_a, row_b = Row(a.rows[step], a.widths), Row(b.rows[step], b.widths)
        for figure in FIGURES:
            before, after = estimate(row_a, figure, drawn_a), estimate(row_b, figure, drawn_b)
            if before is not None or after is not None:
                yield _Pair(step, figure, before, after)


class _Pair(Struct, frozen=True):
    """The estimates of one figure in both runs; None if a run has too few values for it."""

    step: Key
    figure: Figure
    before: Estimate | None
    after: Estimate | None

    def judge(
        self, level: float, limit: float | None, accuracies: tuple[Accuracy, Accuracy]
    ) -> Change:
        """Return the change with its interval at this confidence level."""
        before, after, figure = self.before, self.after, self.figure
        change = Change(self.step, figure, _value(before), _value(after))
        if before is None or after is None:
            return change
        one, other = (
            accuracy.own_share(figure, side.value)
            for accuracy, side in zip(accuracies, (before, after), strict=True)
        )
        change = replace(change, own=(one, other))
        if max(one, other) > MOST_OWN:
            return replace(change, verdict=TOO_INACCURATE)
        shift, low, high = interval(figure, before, after, level)
        if not figure.is_share:
            # Without its generator's delay a time would be lower, and a rate higher.
            lower, upper = (one, other) if figure.more_is_better else (other, one)
            shift, low, high = map(expm1, (shift, low + log1p(-lower), high - log1p(-upper)))
        least = figure.least if limit is None or figure.is_share else min(figure.least, limit)
        verdict = _verdict(figure, shift, low, high, least)
        return replace(change, change=shift, low=low, high=high, verdict=verdict)


def _value(one: Estimate | None) -> float | None:
    return None if one is None else one.value


def _verdict(figure: Figure, change: float, low: float, high: float, least: float) -> str:
    # Both must hold: a change that is certain may be too small to matter.
    if low <= 0 <= high or abs(change) < least:
        return NO_DIFFERENCE
    return BETTER if (change > 0) == figure.more_is_better else WORSE
