"""The tables that the live screen and the summary share; they read snapshots only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..measure.errors import ErrorSnapshot
from ..measure.histogram import Histogram
from ..measure.snapshot import Snapshot, StepSnapshot, TransactionSnapshot
from ..scenario.plugin import PluginView
from .format import count, harmless, megabytes, milliseconds, rate, short_path

_SHORT = {"request-GET": "GET", "request-POST": "POST", "request-PUT": "PUT"}


def steps_table(snapshot: Snapshot, width: int, most: int | None = None) -> RenderableType:
    """Return one row per step and transaction and a total; columns give way as width shrinks."""
    wide = width >= 112
    table = Table(
        box=SIMPLE_HEAD, pad_edge=False, expand=True, show_edge=False, padding=(0, 1, 0, 0)
    )
    table.add_column("type", no_wrap=True, style="dim", width=6)
    table.add_column("step", no_wrap=True, ratio=1, overflow="ellipsis", min_width=10)
    names = ["n", "fail", "/s", "p50 ms", "p95", "p99", "max"]
    if wide:
        names = ["n", "fail", "/s", "min ms", "mean", "p50", "p90", "p95", "p99", "max"]
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    rows = snapshot.steps if most is None else snapshot.steps[:most]
    for step in rows:
        table.add_row(*_step_row(step, snapshot.measured, wide))
    if (hidden := len(snapshot.steps) - len(rows)) > 0:
        table.add_row("", f"… {hidden} more steps")
    for row in snapshot.transactions:
        table.add_row(*_transaction_row(row, snapshot.measured, wide), style="dim")
    table.add_row(*_step_row(snapshot.total, snapshot.measured, wide, "total"), style="bold")
    return table


def errors_table(errors: Sequence[ErrorSnapshot], most: int) -> RenderableType:
    """Return the most frequent failures with kind, step and text."""
    lines: list[RenderableType] = []
    for error in errors[:most]:
        kind = f"{error.kind} {error.detail}".strip()
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(f"{count(error.count):>8} ", style="red")
        line.append(f"{kind}  ", style="bold")
        line.append(f"{harmless(error.step, 60)}: ", style="dim")
        line.append(harmless(error.message))
        lines.append(line)
    if len(errors) > most:
        rest = sum(error.count for error in errors[most:])
        lines.append(Text(f"{count(rest):>8} in {len(errors) - most} more kinds", style="dim"))
    return Group(*lines)


def plugins_lines(
    views: Sequence[PluginView], calls_per_second: Mapping[str, float], ended: bool = False
) -> RenderableType:
    """Return one line per plugin process: memory (once ended, its peak), calls, times."""
    lines: list[RenderableType] = []
    for view in views:
        line = Text(no_wrap=True, overflow="ellipsis")
        if ended:
            line.append(f"  {view.starts} start, {megabytes(view.rss_peak)}")
            line.append(f"  {count(view.calls)} calls,")
        else:
            alive = view.pid is not None
            line.append("● " if alive else "○ ", style="green" if alive else "red")
            line.append(f"{view.state}  {megabytes(view.rss)}  queue {count(view.queued)} ")
        line.append(f" {rate(calls_per_second.get(view.path, 0.0))} calls/s")
        line.append(f"  run p95 {milliseconds(view.run.percentile(95))}")
        line.append(f" + wait {milliseconds(view.wait.percentile(95))} ms")
        failed = view.errors + view.timeouts + view.crashed + view.unavailable
        if failed or view.restarts:
            line.append(f"  {count(failed)} failed, {view.restarts} restarts", style="red")
        line.append(f"  {short_path(view.path)}", style="bold")
        lines.append(line)
    return Group(*lines)


def _step_row(
    step: StepSnapshot, elapsed: float, wide: bool, name: str | None = None
) -> list[str | Text]:
    failed = step.failed + step.not_issued
    kind = _SHORT.get(step.type, step.type.removeprefix("request-"))
    return [
        Text(harmless(kind, 6)),
        Text(harmless(name or step.name)),
        *_numbers(step.issued, failed, step.ok / elapsed if elapsed else 0.0, step.latency, wide),
    ]


def _transaction_row(row: TransactionSnapshot, elapsed: float, wide: bool) -> list[str | Text]:
    ended = row.ok + row.failed
    return [
        Text("trans."),
        Text(harmless(row.name)),
        *_numbers(ended, row.failed, row.ok / elapsed if elapsed else 0.0, row.duration, wide),
    ]


def _numbers(
    number: int, failed: int, per_second: float, times: Histogram, wide: bool
) -> list[str | Text]:
    p50, p90, p95, p99 = times.percentiles((50, 90, 95, 99))
    high = times.high if times.count else None
    low = times.low if times.count else None
    shown = [low, times.mean, p50, p90, p95, p99, high] if wide else [p50, p95, p99, high]
    return [
        count(number),
        Text(count(failed), style="red" if failed else "dim"),
        rate(per_second),
        *map(milliseconds, shown),
    ]
