"""Draw the lines on top of the live screen: progress, throughput, limits, processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from rich.console import RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..load.bottleneck import Limit, limit_of, time_split
from ..load.load_run import Outcome
from ..load.shape import Load
from ..output.format import clock, count, harmless, megabytes, milliseconds, rate
from .json_rows import status_of
from .recent import Key
from .statuses import status_line
from .tables import plugin_line, shards_lines


class LiveNumbers(Struct, frozen=True):
    """Everything that a frame shows. `request_rate` is that of the last second.

    `rates` are those of rows over the last ten seconds, None to show those of the whole run.
    """

    outcome: Outcome
    load: Load
    title: str
    state: str
    request_rate: float
    rates: Mapping[Key, float] | None
    call_rates: Mapping[str, float]

    @property
    def limit(self) -> Limit:
        """Return what limits the throughput."""
        outcome = self.outcome
        return limit_of(outcome.snapshot, outcome.health, outcome.plugins, self.load)


def head(numbers: LiveNumbers, width: int, height: int) -> list[RenderableType]:
    """Return at least the first two lines, and of the others the most telling that fit."""
    room = max(0, height - 2)
    parts = _parts(numbers, max(1, min(room, height // 2)))
    recent, status = _recent(numbers), _status(numbers)
    # Most telling first.
    others = [recent, status, _limits(numbers), _processes(numbers)]
    shown = [line for line in others if line is not None][:room]
    if status in shown:  # it belongs to the counts above it
        shown = [status, *(line for line in shown if line is not status)]
    parts = parts[: room - len(shown)]
    return [_header(numbers, width), _throughput(numbers), *shown, *parts]


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
        return _bar(load.seconds + load.warmup, snapshot.elapsed)
    if load.iterations_asked is not None:
        return _bar(load.iterations_asked, snapshot.iterations.started)
    return Text("until Ctrl-C", style="dim")


def _bar(total: float, completed: float) -> ProgressBar:
    # The usual colour of a bar is a red, which is for failures.
    return ProgressBar(total, completed, complete_style="cyan", finished_style="green")


def _state_style(numbers: LiveNumbers) -> str:
    counts = numbers.outcome.snapshot.accounting
    failed = counts.failed + counts.not_issued
    if failed and not counts.ok:
        return "red"
    return "green" if numbers.state == "done" and not failed else "yellow"


def _throughput(numbers: LiveNumbers) -> Text:
    snapshot, counts = numbers.outcome.snapshot, numbers.outcome.snapshot.accounting
    overall = (counts.ok + counts.failed) / max(snapshot.elapsed, 1e-9)
    failed = counts.failed + counts.not_issued
    dropped = snapshot.iterations.dropped
    now, told = numbers.request_rate, f" now, {rate(overall)} overall"
    if numbers.state == "done":
        now, told = overall, " overall"
    return _one_line(
        (f"{rate(now)} req/s", "bold green"),
        f"{told}   ok {count(counts.ok)}  ",
        (f"fail {count(failed)}", "red" if failed else ""),
        f"  in flight {count(counts.in_flight)}",
        (f"  dropped {count(dropped)}" if dropped else "", "yellow"),
        f"  cancelled {count(counts.cancelled)}" if counts.cancelled else "",
    )


def _recent(numbers: LiveNumbers) -> Text:
    p50, p95, p99 = numbers.outcome.snapshot.recent.percentiles((50, 95, 99))
    times = f"{milliseconds(p50)} / {milliseconds(p95)} / {milliseconds(p99)} ms"
    return _one_line(("last 10 s", "bold"), f" p50/p95/p99 {times}")


def _limits(numbers: LiveNumbers) -> Text:
    split = time_split(numbers.outcome.snapshot, numbers.outcome.plugins)
    limit = numbers.limit
    return _one_line(
        (f"limited by {limit.name}", "" if numbers.outcome.health.is_trusted else "yellow"),
        ("   time", "bold"),
        f" server {split.server:.0%} network {split.network:.0%}"
        f" plugin {split.plugin:.0%} rest {split.rest:.0%}",
    )


def _processes(numbers: LiveNumbers) -> Text:
    health, plugins = numbers.outcome.health, numbers.outcome.plugins
    added = health.latency_error
    alive = sum(view.pid is not None for view in plugins)
    memory = sum(view.rss or 0 for view in plugins if view.pid is not None)
    return _one_line(
        (f"{alive} plugin process{'' if alive == 1 else 'es'}", "bold magenta"),
        f" {megabytes(memory)}  generator ",
        (f"{health.cpu_now:.0f} % CPU", "yellow" if health.cpu_now > 80 else ""),
        f" {megabytes(health.rss)}  lag p99 {milliseconds(health.lag.percentile(99))} ms",
        "" if added is None else f"  adds ≤ {milliseconds(added)} ms",
    )


def _status(numbers: LiveNumbers) -> Text | None:
    if not (status := status_of(numbers.outcome.snapshot.total)):
        return None
    return _one_line(("status    ", "bold")).append_text(status_line(status))


def _parts(numbers: LiveNumbers, most: int) -> Sequence[RenderableType]:
    """Return a line per shard if the load runs on shards, else one per plugin process."""
    if shards := numbers.outcome.snapshot.shards:
        # What is wrong must not be what is cut.
        shown = sorted(shards, key=lambda shard: shard.state in ("running", "done"))[: most - 1]
        return shards_lines(sorted(shown, key=lambda shard: shard.id))
    return [plugin_line(view, numbers.call_rates) for view in numbers.outcome.plugins[:most]]


# A line that wraps would push the last lines of the frame off the terminal.
def _one_line(*parts: str | tuple[str, str]) -> Text:
    return Text.assemble(*parts, no_wrap=True, overflow="ellipsis")
