"""Draw one frame of the live screen from the numbers of one moment, with pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import Enum

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..load.bottleneck import Limit, limit_of, time_split
from ..load.load_run import Outcome
from ..load.shape import Load
from ..measure.snapshot import Snapshot
from ..output.format import clock, count, harmless, megabytes, milliseconds, rate
from .heat import heat_map
from .json_rows import status_of
from .statuses import is_telling, status_line
from .tables import errors_table, plugins_lines, rows_of, shards_table, steps_table

KEYS = "q stop  p pause  +/- users  m mark  h heat map  f failures  s snapshot"


class View(Enum):
    """The choices for the lower part of the screen."""

    STEPS = "steps"
    HEAT = "heat map"
    FAILURES = "failures"


@dataclass(frozen=True, slots=True)
class LiveNumbers:
    """Everything that a frame shows. Rates are per second, over about the last second."""

    outcome: Outcome
    load: Load
    title: str
    state: str
    request_rate: float
    call_rates: Mapping[str, float]

    @property
    def limit(self) -> Limit:
        """Return what limits the throughput."""
        outcome = self.outcome
        return limit_of(outcome.snapshot, outcome.health, outcome.plugins, self.load)


def frame(numbers: LiveNumbers, view: View, width: int, height: int, keys: bool) -> RenderableType:
    """Return the whole screen for a terminal of this size."""
    parts: list[RenderableType] = [
        _header(numbers, width),
        _throughput(numbers),
        _recent(numbers),
        _limits(numbers),
        _processes(numbers),
        _parts(numbers),
    ]
    if is_telling(status := status_of(numbers.outcome.snapshot.total)):
        parts.insert(2, Text("status    ", style="bold").append_text(status_line(status)))
    # 4 more lines: two for the head of the table, its total, and the line of keys.
    left = height - len(parts) - _lines_of_parts(numbers) - 4
    parts += _below(numbers, view, width, max(3, left))
    if keys:
        parts.append(Text(KEYS, style="dim", no_wrap=True, overflow="ellipsis"))
    return Group(*parts)


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


def _below(numbers: LiveNumbers, view: View, width: int, rows: int) -> list[RenderableType]:
    snapshot = numbers.outcome.snapshot
    errors = [asdict(error) for error in snapshot.errors]
    if view is View.HEAT:
        return [heat_map(snapshot.seconds, width)]
    if view is View.FAILURES:
        nothing = Text("no failures so far", style="green")
        return [errors_table(errors, rows) if errors else nothing]
    steps = max(3, rows - min(5, len(errors)) - len(snapshot.transactions))
    shown = [steps_table(rows_of(snapshot, steps), width)]
    return [*shown, errors_table(errors, 5)] if errors else shown


def _header(numbers: LiveNumbers, width: int) -> RenderableType:
    snapshot, load = numbers.outcome.snapshot, numbers.load
    grid = Table.grid(expand=True, padding=(0, 1))
    grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(width=24 if width >= 64 else 8)
    wanted = load.users if load.model == "open" else snapshot.users_wanted
    users = Text.assemble((f"{snapshot.users}", "bold"), f"/{wanted} users", style="cyan")
    time = clock(snapshot.elapsed)
    if load.seconds is not None:
        time += f" / {clock(load.seconds + load.warmup)}"
    title = Text(harmless(numbers.title, 60), style="bold")
    grid.add_row(title, users, time, _progress(numbers))
    return grid


def _progress(numbers: LiveNumbers) -> RenderableType:
    if numbers.state:
        return Text(numbers.state, style=_state_style(numbers))
    load, snapshot = numbers.load, numbers.outcome.snapshot
    if load.seconds is not None:
        return ProgressBar(total=load.seconds + load.warmup, completed=snapshot.elapsed)
    if load.iterations_asked is not None:
        return ProgressBar(total=load.iterations_asked, completed=snapshot.iterations.started)
    return Text("until Ctrl-C", style="dim")


def _state_style(numbers: LiveNumbers) -> str:
    counts = numbers.outcome.snapshot.accounting
    failed = counts.failed + counts.not_issued
    if failed and not counts.ok:
        return "red"
    return "green" if numbers.state == "done" and not failed else "yellow"


def _throughput(numbers: LiveNumbers) -> RenderableType:
    snapshot, counts = numbers.outcome.snapshot, numbers.outcome.snapshot.accounting
    overall = (counts.ok + counts.failed) / max(snapshot.elapsed, 1e-9)
    failed = counts.failed + counts.not_issued
    dropped = snapshot.iterations.dropped
    return _one_line(
        (f"{rate(numbers.request_rate)} req/s", "bold green"),
        f" now, {rate(overall)} overall   ok {count(counts.ok)}  ",
        (f"fail {count(failed)}", "red" if failed else ""),
        f"  in flight {count(counts.in_flight)}",
        (f"  dropped {count(dropped)}" if dropped else "", "yellow"),
        f"  cancelled {count(counts.cancelled)}" if counts.cancelled else "",
    )


def _recent(numbers: LiveNumbers) -> RenderableType:
    p50, p95, p99 = numbers.outcome.snapshot.recent.percentiles((50, 95, 99))
    times = f"{milliseconds(p50)} / {milliseconds(p95)} / {milliseconds(p99)} ms"
    return _one_line(("last 10 s", "bold"), f" p50/p95/p99 {times}")


def _limits(numbers: LiveNumbers) -> RenderableType:
    split = time_split(numbers.outcome.snapshot, numbers.outcome.plugins)
    limit = numbers.limit
    return _one_line(
        (f"limited by {limit.name}", "" if numbers.outcome.health.is_trusted else "yellow"),
        ("   time", "bold"),
        f" server {split.server:.0%} network {split.network:.0%}"
        f" plugin {split.plugin:.0%} rest {split.rest:.0%}",
    )


def _processes(numbers: LiveNumbers) -> RenderableType:
    health, plugins = numbers.outcome.health, numbers.outcome.plugins
    added = health.latency_error
    alive = sum(view.pid is not None for view in plugins)
    memory = sum(view.rss or 0 for view in plugins if view.pid is not None)
    return _one_line(
        (f"{alive} plugin process{'' if alive == 1 else 'es'}", "bold magenta"),
        f" {megabytes(memory)}   generator ",
        (f"{health.cpu_now:.0f} % CPU", "yellow" if health.cpu_now > 80 else ""),
        f" {megabytes(health.rss)}  lag p99 {milliseconds(health.lag.percentile(99))} ms",
        "" if added is None else f"  adds up to {milliseconds(added)} ms",
    )


def _parts(numbers: LiveNumbers) -> RenderableType:
    """Return a line per shard if the load runs on shards, else one per plugin process."""
    if numbers.outcome.snapshot.shards:
        return shards_table(numbers.outcome.snapshot.shards)
    return plugins_lines(numbers.outcome.plugins, numbers.call_rates)


def _lines_of_parts(numbers: LiveNumbers) -> int:
    shards = numbers.outcome.snapshot.shards
    return len(shards) + 1 if shards else len(numbers.outcome.plugins)


# A line that wraps would push the last lines of the frame off the terminal.
def _one_line(*parts: str | tuple[str, str]) -> Text:
    return Text.assemble(*parts, no_wrap=True, overflow="ellipsis")
