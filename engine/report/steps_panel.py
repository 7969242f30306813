"""Draw the steps of a running load: sorted, one page of them, the transactions and the total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import asdict
from rich.cells import cell_len

from ..measure.histogram import Histogram
from ..measure.snapshot import Snapshot, StepSnapshot, TransactionSnapshot
from ..output.format import count, harmless, rate, shown_ms
from .failures import text_of
from .json_rows import times_of
from .lines import Line, Page, padded, piece
from .recent import Key
from .tables import columns_for, short_type
from .view import Order, View

# The eye does not follow a row over more blank columns.
_LONGEST_NAME = 48
_SHORTEST_NAME = 10
# The head of the column says which rows are shown.
_HEAD_NAME = 24
_SHORTEST_WHY = 24
_MARK = "✗ "
_HEADS = {Order.FAILURES: "fail", Order.P95: "p95", Order.RATE: "/s"}


class _Row(Struct, frozen=True):
    """One row before its times are looked up, which only the rows of the page need."""

    type: str
    case: str
    name: str
    number: int
    failed: int
    rate: float
    times: Histogram
    key: Key
    style: str = ""


def steps_panel(
    snapshot: Snapshot, rates: Mapping[Key, float] | None, view: View, width: int, height: int
) -> Page:
    """Return the table in at most `height` lines; without `rates`, with those of the whole run."""
    per_second = _Rates(rates, snapshot.measured)
    rows = _sorted([_step(step, per_second) for step in snapshot.steps], view.order)
    spans = [_span(span, per_second) for span in snapshot.transactions]
    total = _total(snapshot, per_second)
    pinned = [*spans, total] if len(spans) <= (height - 4) // 4 else [total]
    if len(pinned) == 1:
        rows += spans
    page = max(1, height - 1 - len(pinned))
    first = view.scrolled(0, len(rows), page).first
    shown = [*rows[first : first + page], *pinned]
    place = _place(rows, first, page) if len(rows) > page else ""
    lines = _Table(snapshot, rows, width).lines(shown, view.order, place)
    return Page(lines, len(rows), page)


class _Rates(Struct, frozen=True):
    recent: Mapping[Key, float] | None
    seconds: float

    def of(self, key: Key, ok: int) -> float:
        if self.recent is not None:
            return self.recent.get(key, 0.0)
        return ok / self.seconds if self.seconds else 0.0


def _step(step: StepSnapshot, rates: _Rates) -> _Row:
    failed, per_second = step.failed + step.not_issued, rates.of(step.key, step.ok)
    about = (step.type, step.case, step.name)
    return _Row(*about, step.issued, failed, per_second, step.latency, step.key)


def _span(span: TransactionSnapshot, rates: _Rates) -> _Row:
    numbers = (span.ok + span.failed, span.failed, rates.of(span.key, span.ok))
    return _Row("trans.", span.case, span.name, *numbers, span.duration, span.key, "dim")


def _total(snapshot: Snapshot, rates: _Rates) -> _Row:
    step = snapshot.total
    recent = sum(rates.of(one.key, one.ok) for one in snapshot.steps)
    numbers = (step.issued, step.failed + step.not_issued, recent)
    return _Row("", "", "total", *numbers, step.latency, (), "bold")


def _sorted(rows: list[_Row], order: Order) -> list[_Row]:
    """Sort from the most to the least; rows that are alike stay in the order of the file."""
    if order is Order.FAILURES:
        return sorted(rows, key=lambda row: -row.failed)
    if order is Order.P95:
        return sorted(rows, key=lambda row: -(row.times.percentile(95) or 0.0))
    if order is Order.RATE:
        return sorted(rows, key=lambda row: -row.rate)
    return rows


def _place(rows: Sequence[_Row], first: int, page: int) -> str:
    failing = sum(row.failed > 0 for row in rows)
    place = f"{first + 1}-{min(len(rows), first + page)}/{len(rows)}"
    return f"{place}  {failing}{_MARK}" if failing else place


class _Table:
    """Lays out rows: its columns are as wide as the rows need, and the names get the rest."""

    def __init__(self, snapshot: Snapshot, rows: Sequence[_Row], width: int) -> None:
        self._width = width
        self._times = columns_for(width)
        self._has_types = width >= 64
        self._has_cases = len({row.case for row in rows if row.case}) > 1
        # The most frequent failure of a step comes first, so it is set last.
        self._errors = {(error.case, error.step): error for error in reversed(snapshot.errors)}
        self._longest = max((cell_len(self._name(row)) for row in rows), default=0)

    def lines(self, rows: Sequence[_Row], order: Order, place: str) -> list[Line]:
        heads = ["n", "fail", "/s", *self._times.values()]
        sorted_by = _HEADS.get(order)
        heads = [f"▼{head}" if head.split()[0] == sorted_by else head for head in heads]
        cells = [self._cells(row) for row in rows]
        widths = [max(map(cell_len, column)) + 2 for column in zip(heads, *cells, strict=True)]
        name = self._name_width(sum(widths))
        head = f"step{f'  {place}' if place else ''}"
        numbers = "".join(text.rjust(size) for text, size in zip(heads, widths, strict=True))
        left = "type   " if self._has_types else ""
        head = f"{left}{padded(f'  {head}', name)}{numbers}"
        lines: list[Line] = [[piece(head, "dim underline")]]
        for row, texts in zip(rows, cells, strict=True):
            lines.append(self._line(row, texts, widths, name))
        return lines

    def _name_width(self, numbers: int) -> int:
        room = self._width - numbers - (7 if self._has_types else 0)
        wanted = min(_LONGEST_NAME, max(_HEAD_NAME, self._longest + len(_MARK)))
        return max(_SHORTEST_NAME, min(room, wanted))

    def _line(self, row: _Row, texts: Sequence[str], widths: Sequence[int], name: int) -> Line:
        numbers = [text.rjust(size) for text, size in zip(texts, widths, strict=True)]
        failed = f"{row.style} red".strip() if row.failed else f"{row.style} dim".strip()
        line = [piece(padded(short_type(row.type), 7), "dim")] if self._has_types else []
        line += [
            piece(_MARK if row.failed else "  ", "red"),
            piece(padded(self._name(row), name - len(_MARK)), row.style),
            piece(numbers[0], row.style),
            piece(numbers[1], failed),
            piece("".join(numbers[2:]), row.style),
        ]
        room = self._width - name - sum(widths) - 9
        if room >= _SHORTEST_WHY and (error := self._errors.get((row.case, row.name))):
            why = harmless(text_of(asdict(error)))
            line.append(piece(f"  {padded(why, room).rstrip()}", "red"))
        return line

    def _name(self, row: _Row) -> str:
        case = f"  {harmless(row.case)}" if self._has_cases and row.case else ""
        return f"{harmless(row.name)}{case}"

    def _cells(self, row: _Row) -> list[str]:
        times = times_of(row.times)
        shown = (shown_ms(times[name]) for name in self._times)
        return [count(row.number), count(row.failed), rate(row.rate), *shown]
