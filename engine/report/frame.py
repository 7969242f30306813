"""Put together one frame of the live screen from the numbers of one moment."""

from __future__ import annotations

from msgspec import Struct
from rich.console import Group, RenderableType
from rich.text import Text

from ..measure.snapshot import BANDS, Snapshot
from ..output.format import milliseconds
from .charts import histogram, latency_chart, request_chart, spark_lines
from .failures_panel import failures_panel
from .head import LiveNumbers, head
from .heat import heat_map
from .keys_panel import FOOTER, keys_panel
from .lines import Line, Lines, Page, beside
from .steps_panel import steps_panel
from .view import Panel, View

# From this size on there are charts, else sparklines if there is room for two lines.
_CHART_WIDTH, _CHART_HEIGHT = 100, 28
_SPARK_HEIGHT = 16
# From these on the spread of the latencies is shown: beside the charts, or below the steps.
_THIRD_CHART_WIDTH, _SPREAD_HEIGHT = 150, 40
_LEAST_STEPS, _LEAST_BESIDE_HEAT = 8, 5
_MOST_FAILURES = 5
_WHOLE = 100_000


class Frame(Struct, frozen=True):
    """One picture of a run; `page` of `rows` rows are shown, the others can be scrolled to."""

    content: RenderableType
    rows: int = 0
    page: int = 0

    def __rich__(self) -> RenderableType:
        return self.content


def frame(numbers: LiveNumbers, view: View, width: int, height: int, keys: bool) -> Frame:
    """Return the whole screen for a terminal of this size, in at most so many lines."""
    snapshot = numbers.outcome.snapshot
    height -= keys
    trend = _trend(snapshot, width, height)
    top = head(numbers, width, height - len(trend) - (7 if height >= _SPARK_HEIGHT else 5))
    room = max(0, height - len(top) - len(trend))
    body = _body(numbers, view, width, room, spread=height >= _SPREAD_HEIGHT - keys)
    parts: list[RenderableType] = [*top, Lines([*trend, *body.lines[:room]])]
    if keys:
        parts.append(Text(FOOTER, style="dim", no_wrap=True, overflow="ellipsis"))
    return Frame(Group(*parts), body.rows, body.shown)


def last_frame(numbers: LiveNumbers, width: int, height: int) -> Frame:
    """Return the frame that stays: every step, however many lines they take; no failures.

    The summary below it tells those.
    """
    trend = _trend(numbers.outcome.snapshot, width, height)
    steps = steps_panel(numbers.outcome.snapshot, None, View(), width, _WHOLE)
    return Frame(Group(*head(numbers, width, height), Lines([*trend, *steps.lines])))


def line(numbers: LiveNumbers) -> str:
    """Return one line for a log: `name=value` pairs without escape codes."""
    snapshot, counts = numbers.outcome.snapshot, numbers.outcome.snapshot.accounting
    p95 = snapshot.total.latency.percentile(95)
    alive = sum(view.pid is not None for view in numbers.outcome.plugins)
    limit = numbers.limit
    return (
        f"t={snapshot.elapsed:.0f}s users={snapshot.users}/{numbers.load.users}"
        f" rate={numbers.request_rate:.1f}/s issued={counts.issued} ok={counts.ok}"
        f" fail={counts.failed + counts.not_issued} p95={milliseconds(p95)}ms"
        f" dropped={snapshot.iterations.dropped} plugins={alive} limited_by={limit.name}"
        f"{_shards_at_work(snapshot)}"
    )


def _shards_at_work(snapshot: Snapshot) -> str:
    lost = sum(shard.state == "lost" for shard in snapshot.shards)
    number = len(snapshot.shards)
    return f" shards={number - lost}/{number}" if number else ""


def _trend(snapshot: Snapshot, width: int, height: int) -> list[Line]:
    """Return the course of the run: charts, two sparklines, or nothing where there is no room."""
    seconds = snapshot.seconds
    if width < _CHART_WIDTH or height < _CHART_HEIGHT:
        return spark_lines(seconds, width) if height >= _SPARK_HEIGHT else []
    number = 3 if width >= _THIRD_CHART_WIDTH else 2
    each, rows = (width - 2 * (number - 1)) // number, min(14, max(7, height // 4 - 1))
    charts = [request_chart(seconds, each, rows), latency_chart(seconds, each, rows)]
    if number == 3:
        charts.append(_spread(snapshot, each, rows))
    return beside(charts, each)


def _spread(snapshot: Snapshot, width: int, height: int) -> list[Line]:
    return histogram(snapshot.total.latency.bands(BANDS), width, height)


def _body(numbers: LiveNumbers, view: View, width: int, room: int, spread: bool) -> Page:
    snapshot = numbers.outcome.snapshot
    if view.panel is Panel.KEYS:
        return Page(keys_panel())
    if view.panel is Panel.FAILURES:
        return failures_panel(snapshot.errors, view.first, width, room)
    below: list[Line] = []
    if view.panel is Panel.HEAT:
        below = heat_map(snapshot.seconds, width)
        if len(below) + _LEAST_BESIDE_HEAT > room:
            return Page(below)
    elif spread and width < _THIRD_CHART_WIDTH and room >= 3 * _LEAST_STEPS:
        below = _spread(snapshot, min(width, 80), room - 2 * _LEAST_STEPS)
    failures = _few_failures(snapshot, width, room - len(below))
    steps = steps_panel(snapshot, numbers.rates, view, width, room - len(below) - len(failures))
    return Page([*steps.lines, *failures, *below], steps.rows, steps.shown)


def _few_failures(snapshot: Snapshot, width: int, room: int) -> list[Line]:
    most = min(_MOST_FAILURES, len(snapshot.errors), max(0, room - _LEAST_STEPS))
    return failures_panel(snapshot.errors, 0, width, most).lines if most else []
