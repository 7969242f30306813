"""Parse and judge thresholds such as `p(95){login}<300` or `error_rate<1%`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches

from msgspec import Struct

from ..errors import UsageError
from .histogram import Histogram, merged
from .plugins import FunctionSnapshot
from .snapshot import Accounting, Snapshot, StepSnapshot, TransactionSnapshot

_GRAMMAR = re.compile(
    r"""\s*(?P<metric>[a-z_.]+(?:\((?P<percent>\d+(?:\.\d+)?)\))?)
    \s*(?:\{(?P<selector>"(?:[^"\\]|\\.)*"|[^{}"]*)\})?
    \s*(?P<comparison><=|>=|==|<|>)
    \s*(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|%|/s)?\s*""",
    re.VERBOSE,
)
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}
_TIMES = ("p", "mean", "max", "min")
_GROUPS = ("", "response.", "connect.", "plugin.")
_COUNTS = ("issued", "failed", "dropped", "iterations")
# An iteration has no step: these two cannot have a selector.
_WHOLE_RUN = ("dropped", "iterations")


Row = StepSnapshot | TransactionSnapshot


class Verdict(Struct, frozen=True):
    """The result of one threshold; `value` is in the unit of the rule (times in ms)."""

    expression: str
    value: float | None
    passed: bool

    @property
    def is_broken(self) -> bool:
        """Return whether there is a value and it breaks the rule."""
        return self.value is not None and not self.passed


class Threshold(Struct, frozen=True):
    """One rule. `limit` is in ms for times, 0..1 for `error_rate`, else a plain number."""

    expression: str
    group: str
    metric: str
    percent: float | None
    selector: str | None
    comparison: str
    limit: float

    def value(self, snapshot: Snapshot, functions: Sequence[FunctionSnapshot]) -> float | None:
        """Return the value that the rule limits, None without data."""
        if self.group == "plugin.":
            return self._time(merged(function.run for function in self._functions(functions)))
        if self.metric in _WHOLE_RUN:
            counts = snapshot.iterations
            return float(counts.dropped if self.metric == "dropped" else counts.started)
        row = self._row(snapshot)
        if row is None:
            return None
        if self.metric in _TIMES:
            return self._time(self._histogram(row))
        return self._count(row, snapshot.measured)

    def judge(self, snapshot: Snapshot, functions: Sequence[FunctionSnapshot]) -> Verdict:
        """Return the verdict on these numbers; a rule without data fails."""
        value = self.value(snapshot, functions)
        passed = value is not None and _COMPARISONS[self.comparison](value, self.limit)
        return Verdict(self.expression, value, passed)

    @property
    def is_bound(self) -> bool:
        """Return whether the rule is an upper bound.

        Only upper bounds abort a run early: a value that is below a lower bound may still grow.
        """
        return self.comparison in ("<", "<=", "==")

    @property
    def limits_errors(self) -> bool:
        """Return whether the rule is about failures."""
        return self.metric in ("error_rate", "failed")

    def check_names(self, snapshot: Snapshot, functions: Iterable[str]) -> None:
        """Raise UsageError if no step, transaction or function has the selector's name."""
        if self.selector is None:
            return
        if self.group == "plugin.":
            if self.selector not in (names := list(functions)):
                raise self._unknown("plugin function", names)
            return
        found = self._rows(snapshot)
        if not found:
            raise self._unknown("step", [row.name for row in snapshot.steps])
        if len(found) > 1:
            raise UsageError(
                f"threshold {self.expression!r}: {self.selector!r} names {len(found)} steps",
                "write case/step: " + ", ".join(f"{row.case}/{row.name}" for row in found),
            )

    def _unknown(self, kind: str, names: Sequence[str]) -> UsageError:
        near = get_close_matches(self.selector or "", names, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names[:10])}"
        what = f"threshold {self.expression!r}: there is no {kind} {self.selector!r}"
        return UsageError(what, hint)

    def _rows(self, snapshot: Snapshot) -> list[Row]:
        selector = self.selector or ""
        rows: Sequence[Row] = snapshot.steps
        if selector.startswith("transaction:"):
            selector, rows = selector.removeprefix("transaction:"), snapshot.transactions
        return [row for row in rows if selector in (row.name, f"{row.case}/{row.name}")]

    def _row(self, snapshot: Snapshot) -> Row | None:
        """Return the row of the rule; None before the run is prepared, which knows no steps."""
        if self.selector is None:
            return snapshot.total
        return next(iter(self._rows(snapshot)), None)

    def _functions(self, functions: Sequence[FunctionSnapshot]) -> list[FunctionSnapshot]:
        return [one for one in functions if self.selector in (None, one.name)]

    def _histogram(self, row: Row) -> Histogram:
        if isinstance(row, TransactionSnapshot):
            return row.duration if not self.group else Histogram()
        return {"": row.latency, "response.": row.response, "connect.": row.connect}[self.group]

    def _time(self, times: Histogram) -> float | None:
        if not times.count:
            return None
        seconds: float | None
        if self.percent is not None:
            seconds = times.percentile(self.percent)
        else:
            seconds = {"mean": times.mean, "max": times.high, "min": times.low}[self.metric]
        return None if seconds is None else seconds * 1000

    def _count(self, row: Row, seconds: float) -> float | None:
        failed = row.failed
        if self.metric == "rate":
            return row.ok / seconds if seconds > 0 else None
        if isinstance(row, TransactionSnapshot):
            ended = row.ok + failed
            counts: Mapping[str, float | None] = {
                "error_rate": failed / ended if ended else None,
                "issued": float(ended),
                "failed": float(failed),
            }
            return counts[self.metric]
        counted = Accounting.over([row])
        if self.metric == "error_rate":
            return counted.error_rate
        return float(counted.issued if self.metric == "issued" else failed)


def parse_threshold(text: str) -> Threshold:
    """Return the rule that the text describes; raises ValueError if it is not a threshold."""
    found = _GRAMMAR.fullmatch(text)
    if found is None:
        raise ValueError(f"not a threshold: {text!r}; write p(95)<300, error_rate<1%, rate>=1000")
    group, metric = _split(found["metric"].partition("(")[0])
    percent = None if found["percent"] is None else float(found["percent"])
    _check(text, group, metric, percent)
    selector = None if found["selector"] is None else _unquoted(found["selector"].strip())
    if selector is not None and metric in _WHOLE_RUN:
        raise ValueError(f"threshold {text!r}: {metric} is a number of the whole run")
    limit = _limit(text, metric, float(found["number"]), found["unit"])
    return Threshold(text, group, metric, percent, selector, found["comparison"], limit)


def _unquoted(selector: str) -> str:
    return re.sub(r"\\(.)", r"\1", selector[1:-1]) if selector.startswith('"') else selector


def _split(metric: str) -> tuple[str, str]:
    group, mark, name = metric.rpartition(".")
    return group + mark, name


def _check(text: str, group: str, metric: str, percent: float | None) -> None:
    known = metric in _TIMES if group else metric in (*_TIMES, *_COUNTS, "rate", "error_rate")
    if group not in _GROUPS or not known:
        raise ValueError(
            f"threshold {text!r}: no metric {group}{metric}; there are p(N), mean, max, min (also"
            " with response. connect. plugin.), rate, error_rate, issued, failed, dropped,"
            " iterations"
        )
    if (metric == "p") != (percent is not None):
        raise ValueError(f"threshold {text!r}: a percentile is written p(95)")
    if percent is not None and not 0 < percent <= 100:
        raise ValueError(f"threshold {text!r}: a percentile lies between 0 and 100")


def _limit(text: str, metric: str, number: float, unit: str | None) -> float:
    allowed = {"rate": {"/s": 1.0}, "error_rate": {"%": 0.01}}.get(metric, {})
    if metric in _TIMES:
        allowed = {"ms": 1.0, "s": 1000.0}
    if unit is not None and unit not in allowed:
        raise ValueError(f"threshold {text!r}: {metric} is not measured in {unit}")
    return number * allowed.get(unit or "", 1.0)
