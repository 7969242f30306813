"""Cut a run into slices of equal length, few enough for a page, and encode them as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

from msgspec import Struct, field
from msgspec.structs import replace

from ..measure.histogram import Histogram
from ..measure.snapshot import StepSnapshot, TransactionSnapshot
from ..record.seconds import RecordedSecond
from ..record.totals import Totals
from ..report.json_rows import status_of
from .encoding import encoded_buckets

ErrorKey = tuple[str, ...]
_SUMS = ("issued", "ok", "failed")
_ITERATIONS = ("started", "completed", "failed", "interrupted", "dropped")


class Reached(Struct, frozen=True):
    """The growing counts of a run at one moment: errors, iterations, plugin calls."""

    elapsed: float = 0.0
    errors: Counter[ErrorKey] = field(default_factory=Counter)
    iterations: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    call_seconds: float = 0.0

    def after(self, second: RecordedSecond) -> Reached:
        """Return the counts at the end of the second.

        A record lists the errors only in seconds that have new ones.
        """
        so_far = second.so_far
        errors = Counter({error_key(error): error["count"] for error in so_far.get("errors", ())})
        plugins = so_far["plugins"]
        return Reached(
            second.elapsed,
            errors if "errors" in so_far else self.errors,
            Counter({name: so_far["iterations"][name] for name in _ITERATIONS}),
            sum(plugin["calls"] for plugin in plugins),
            sum(plugin.get("run_seconds", 0.0) for plugin in plugins),
        )


class PageSlice(Struct):
    """Some seconds of a run as one slice. Growing counts went from `before` to `after`."""

    is_warmup: bool
    totals: Totals
    numbers: list[Mapping[str, Any]]
    before: Reached
    after: Reached

    @classmethod
    def over(cls, seconds: Sequence[RecordedSecond], before: Reached) -> Self:
        after = before
        for second in seconds:
            after = after.after(second)
        rows = (_counted(second) for second in seconds)
        numbers = [second.numbers for second in seconds]
        return cls(seconds[0].t < 0, Totals.over(rows), numbers, before, after)


def error_key(error: Mapping[str, Any]) -> ErrorKey:
    """Return the key of a row of failures; older records have a row per message."""
    names = ("kind", "detail", "case", "step", "check" if "check" in error else "message")
    return tuple(str(error[name]) for name in names)


def slices_of(seconds: Iterable[RecordedSecond], length: int) -> Iterator[PageSlice]:
    """Yield the run in slices of `length` seconds; none contains the end of the warm-up."""
    reached = Reached()
    for group in _groups(seconds, length):
        one = PageSlice.over(group, reached)
        reached = one.after
        yield one


def timeline_of(
    slices: Sequence[PageSlice], errors: Sequence[ErrorKey], warmup: float
) -> dict[str, Any]:
    """Return the slices as columns, and for each step and transaction the slices that it is in.

    `at` are the ends of the slices in seconds after the warm-up, which lasted `warmup` seconds.
    `errors` lists the failures to count per slice, in the order of the report.
    """
    return {
        "at": [round(one.after.elapsed - warmup, 3) for one in slices],
        "warmup": sum(one.is_warmup for one in slices),
        **{name: [sum(n[name] for n in one.numbers) for one in slices] for name in _SUMS},
        "users": [max(n["users"] for n in one.numbers) for one in slices],
        "lag_ms": [max(n["lag_ms"] or 0.0 for n in one.numbers) for one in slices],
        "calls": [one.after.calls - one.before.calls for one in slices],
        "call_seconds": [_grown(one.before.call_seconds, one.after.call_seconds) for one in slices],
        "iterations": [_new(one.before.iterations, one.after.iterations) for one in slices],
        "errors": [_when(slices, key) for key in errors],
        "steps": _rows((i, step) for i, one in enumerate(slices) for step in one.totals.steps),
        "transactions": _rows(
            (i, row) for i, one in enumerate(slices) for row in one.totals.transactions
        ),
    }


def _groups(seconds: Iterable[RecordedSecond], length: int) -> Iterator[list[RecordedSecond]]:
    group: list[RecordedSecond] = []
    for second in seconds:
        if group and (len(group) == length or (group[0].t < 0) != (second.t < 0)):
            yield group
            group = []
        group.append(second)
    if group:
        yield group


def _counted(second: RecordedSecond) -> RecordedSecond:
    """Return the second as one outside of the warm-up, so that `Totals` keeps its steps apart."""
    return replace(second, t=abs(second.t), warmup=None)


def _grown(before: float, after: float) -> float:
    return round(after - before, 6)


def _new(before: Counter[str], after: Counter[str]) -> list[int]:
    return [after[name] - before[name] for name in _ITERATIONS]


def _when(slices: Sequence[PageSlice], key: ErrorKey) -> list[tuple[int, int]]:
    counts = (one.after.errors[key] - one.before.errors[key] for one in slices)
    return [(index, number) for index, number in enumerate(counts) if number]


def _rows(parts: Iterable[tuple[int, StepSnapshot | TransactionSnapshot]]) -> list[dict[str, Any]]:
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for index, part in parts:
        key = (part.case, part.name, getattr(part, "type", "transaction"))
        row = rows.setdefault(key, dict(zip(("case", "name", "type"), key, strict=True)))
        row.setdefault("slices", []).append([index, *_numbers(part)])
    return list(rows.values())


def _numbers(part: StepSnapshot | TransactionSnapshot) -> Iterator[Any]:
    if isinstance(part, TransactionSnapshot):
        yield from (part.ok, part.failed, part.interrupted, _times(part.duration))
        return
    yield from (part.issued, part.ok, part.failed, part.cancelled, part.not_issued, part.bytes_in)
    yield from map(_times, (part.latency, part.response))
    yield status_of(part)


def _times(histogram: Histogram) -> list[Any] | None:
    if not histogram.count:
        return None
    ends = (round(seconds, 9) for seconds in (histogram.total, histogram.low, histogram.high))
    return [*ends, encoded_buckets(histogram)]
