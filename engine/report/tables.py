"""Draw the tables that the live screen and the summary share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..measure.plugins import PluginSnapshot
from ..measure.snapshot import ShardSnapshot
from ..output.format import (
    count,
    cut_middle,
    harmless,
    megabytes,
    milliseconds,
    rate,
    short_path,
    shown_ms,
)
from .failures import kind_of, text_of

# Keys of times in the report -> heads of their columns.
_WIDE = (
    {"min": "min ms", "mean": "mean"}
    | {name: name for name in ("p50", "p90", "p95", "p99")}
    | {"max": "max"}
)
_NARROW = {"p50": "p50 ms", "p95": "p95", "p99": "p99", "max": "max"}
_NARROWEST = {"p95": "p95 ms"}
_LONGEST_FAILURE = 400
_SHORT = {"request-GET": "GET", "request-POST": "POST", "request-PUT": "PUT"}


class Row(Struct, frozen=True):
    """One line of the table of steps; `times` are in ms, with the keys of the report."""

    kind: str
    case: str
    name: str
    number: int
    failed: int
    rate: float
    times: Mapping[str, float | None]
    style: str = ""


def rows_of_report(report: Mapping[str, Any]) -> list[Row]:
    """Return the lines for a report: all steps, the transactions, the total."""
    rows = [_reported_row(step, step["name"]) for step in report["steps"]]
    for span in report["transactions"]:
        rate_ = span["ok"] / report["duration"] if report["duration"] else 0.0
        ended = span["ok"] + span["failed"]
        times = span["duration_ms"]
        about = ("trans.", span["case"], span["name"])
        rows.append(Row(*about, ended, span["failed"], rate_, times, "dim"))
    return [*rows, replace(_reported_row(report["total"], "total"), style="bold")]


def columns_for(width: int) -> Mapping[str, str]:
    """Return the times for which there is room: keys of the report and heads of columns."""
    return _WIDE if width >= 112 else _NARROW if width >= 64 else _NARROWEST


def short_type(name: str) -> str:
    """Return the type of a step in at most six characters."""
    return harmless(_SHORT.get(name, name.removeprefix("request-")), 6)


def steps_table(rows: Sequence[Row], width: int) -> RenderableType:
    """Return the lines as a table. A narrow terminal gets fewer columns, always the step's name.

    If there are several cases, each line shows its case.
    """
    columns = columns_for(width)
    first = 0 if width >= 64 else 1  # a narrow table does without the type of a step
    table = Table(
        box=SIMPLE_HEAD, pad_edge=False, expand=True, show_edge=False, padding=(0, 1, 0, 0)
    )
    if not first:
        table.add_column("type", no_wrap=True, style="dim", width=6)
    table.add_column("step", no_wrap=True, ratio=1, overflow="ellipsis", min_width=10)
    for name in ("n", "fail", "/s", *columns.values()):
        table.add_column(name, justify="right", no_wrap=True)
    # With one case its name would be the same in every line, and takes the room of step names.
    several = len({row.case for row in rows if row.case}) > 1
    for row in rows:
        table.add_row(*_cells(row, columns, several)[first:], style=row.style)
    return table


def errors_table(errors: Sequence[Mapping[str, Any]], most: int) -> RenderableType:
    """Return the most frequent failures of a report in full: kind, step and examples."""
    lines: list[RenderableType] = []
    for error in errors[:most]:
        line = Text(overflow="fold")
        line.append(f"{count(error['count']):>8} ", style="red")
        line.append(f"{kind_of(error)}  ", style="bold")
        line.append(f"{cut_middle(harmless(error['step']), 60)}: ", style="dim")
        line.append(harmless(text_of(error), _LONGEST_FAILURE))
        lines.append(line)
    if len(errors) > most:
        rest = sum(error["count"] for error in errors[most:])
        lines.append(Text(f"{count(rest):>8} in {len(errors) - most} more kinds", style="dim"))
    return Group(*lines)


def plugin_line(view: PluginSnapshot, calls_per_second: Mapping[str, float]) -> Text:
    """Return a plugin process in a line: state, memory, queue, calls, times."""
    line = Text(no_wrap=True, overflow="ellipsis")
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
    return line


def shards_lines(shards: Sequence[ShardSnapshot]) -> list[Text]:
    """Return one line per shard: host, users, rate, CPU, lag, plugin processes and state."""
    heads = ("shard", "host", "users", "/s", "CPU", "lag", "plugins", "")
    rows = [heads, *map(_shard_cells, shards)]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    styles = ["dim", *({"lost": "red", "silent": "yellow"}.get(one.state, "") for one in shards)]
    return [
        Text("  ".join(map(set_cell_size, row, widths)), style, no_wrap=True, overflow="ellipsis")
        for row, style in zip(rows, styles, strict=True)
    ]


def _shard_cells(shard: ShardSnapshot) -> tuple[str, ...]:
    return (
        str(shard.id),
        harmless(shard.host, 30),
        f"{shard.working}/{shard.users}",
        count(shard.rate),
        "-" if shard.cpu is None else f"{shard.cpu:.0f} %",
        f"{milliseconds(shard.lag)} ms",
        count(shard.plugins),
        shard.state,
    )


def _reported_row(step: Mapping[str, Any], name: str) -> Row:
    failed = step["failed"] + step["not_issued"]
    about = (step.get("type", ""), step.get("case", ""), name)
    return Row(*about, step["issued"], failed, step["rate"], step["latency_ms"])


def _cells(row: Row, columns: Mapping[str, str], with_case: bool) -> list[str | Text]:
    name = Text(harmless(row.name))
    if with_case and row.case:
        name.append(f"  {harmless(row.case)}", style="dim")
    return [
        Text(short_type(row.kind)),
        name,
        count(row.number),
        Text(count(row.failed), style="red" if row.failed else "dim"),
        rate(row.rate),
        *(shown_ms(row.times[name]) for name in columns),
    ]
