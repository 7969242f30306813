"""The live screen: a rich table four times a second, or one plain line every ten."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..load.shape import Load
from ..measure.health import HealthSnapshot
from ..measure.snapshot import Snapshot
from ..scenario.plugin import PluginView
from .format import clock, count, harmless, megabytes, milliseconds, rate
from .tables import errors_table, plugins_lines, steps_table

FRAMES_PER_SECOND = 4
PLAIN_SECONDS = 10.0
_RATE_SECONDS = 0.9


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the screen looks: three questions it may ask, and what was asked of the run."""

    snapshot: Callable[[], Snapshot]
    plugins: Callable[[], Sequence[PluginView]]
    health: Callable[[], HealthSnapshot]
    load: Load
    title: str
    is_stopping: Callable[[], bool]


class Screen:
    """Draws frames from its sources; keeps only what it needs for rates of the moment."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._last: tuple[float, int, dict[str, int]] = (perf_counter(), 0, {})
        self._rate = 0.0
        self._calls: dict[str, float] = {}

    def frame(self, width: int, height: int) -> RenderableType:
        """Return the whole screen for a terminal of this size."""
        snapshot, plugins = self._sources.snapshot(), self._sources.plugins()
        self._measure(snapshot, plugins)
        errors = min(5, len(snapshot.errors))
        # Header, plugin lines, errors, table head, total and gaps come first; steps get the rest.
        rows = max(3, height - 12 - len(plugins) - errors - len(snapshot.transactions))
        parts: list[RenderableType] = [
            self._header(snapshot),
            self._throughput(snapshot),
            self._processes(plugins),
            plugins_lines(plugins, self._calls),
            steps_table(snapshot, width, rows),
        ]
        if snapshot.errors:
            parts.append(errors_table(snapshot.errors, 5))
        return Group(*parts)

    def line(self) -> str:
        """Return one line for a log: `name=value` pairs without any escape codes."""
        snapshot, plugins = self._sources.snapshot(), self._sources.plugins()
        self._measure(snapshot, plugins)
        counts = snapshot.accounting
        p95 = snapshot.total.latency.percentile(95)
        alive = sum(view.pid is not None for view in plugins)
        return (
            f"t={snapshot.elapsed:.0f}s users={snapshot.users}/{self._sources.load.users}"
            f" rate={self._rate:.1f}/s issued={counts.issued} ok={counts.ok}"
            f" fail={counts.failed + counts.not_issued} p95={milliseconds(p95)}ms"
            f" dropped={snapshot.iterations.dropped} plugins={alive}"
        )

    def _measure(self, snapshot: Snapshot, plugins: Sequence[PluginView]) -> None:
        now, (then, ended, calls) = perf_counter(), self._last
        span = now - then
        # Over shorter spans the figure would only flicker.
        if span < _RATE_SECONDS:
            return
        self._rate = (_ended(snapshot) - ended) / span
        current = {view.path: view.calls for view in plugins}
        self._calls = {
            path: (number - calls.get(path, 0)) / span for path, number in current.items()
        }
        self._last = (now, _ended(snapshot), current)

    def _header(self, snapshot: Snapshot) -> RenderableType:
        load = self._sources.load
        grid = Table.grid(expand=True, padding=(0, 1))
        grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        grid.add_column(no_wrap=True)
        grid.add_column(no_wrap=True)
        grid.add_column(width=24)
        users = Text.assemble((f"{snapshot.users}", "bold"), f"/{load.users} users", style="cyan")
        done, total = snapshot.elapsed, load.duration
        if total is None and load.iterations_asked is not None:
            done, total = float(snapshot.iterations.started), float(load.iterations_asked)
        time = clock(snapshot.elapsed)
        if load.duration is not None:
            time += f" / {clock(load.duration)}"
        bar: RenderableType = (
            ProgressBar(total=total, completed=min(done, total))
            if total
            else Text("until Ctrl-C", style="dim")
        )
        if self._sources.is_stopping():
            is_over = snapshot.users == 0
            bar = Text("done", style="green") if is_over else Text("stopping …", style="yellow")
        grid.add_row(Text(harmless(self._sources.title, 60), style="bold"), users, time, bar)
        return grid

    def _throughput(self, snapshot: Snapshot) -> RenderableType:
        counts = snapshot.accounting
        overall = _ended(snapshot) / snapshot.elapsed if snapshot.elapsed else 0.0
        failed = counts.failed + counts.not_issued
        return Text.assemble(
            (f"{rate(self._rate)} req/s", "bold green"),
            f" now, {rate(overall)} overall   ok {count(counts.ok)}  ",
            (f"fail {count(failed)}", "red" if failed else ""),
            f"  in flight {count(counts.in_flight)}  cancelled {count(counts.cancelled)}",
            no_wrap=True,
            overflow="ellipsis",
        )

    def _processes(self, plugins: Sequence[PluginView]) -> RenderableType:
        health = self._sources.health()
        alive = sum(view.pid is not None for view in plugins)
        memory = sum(view.rss or 0 for view in plugins if view.pid is not None)
        busy = health.cpu_now > 80
        return Text.assemble(
            (f"{alive} plugin process{'' if alive == 1 else 'es'}", "bold magenta"),
            f" {megabytes(memory)}   generator ",
            (f"{health.cpu_now:.0f} % CPU", "yellow" if busy else ""),
            f" {megabytes(health.rss)}  lag p99 {milliseconds(health.lag.percentile(99))} ms",
            no_wrap=True,
            overflow="ellipsis",
        )


def _ended(snapshot: Snapshot) -> int:
    return snapshot.accounting.ok + snapshot.accounting.failed


async def show_live(sources: Sources, console: Console) -> None:
    """Draw until cancelled; the last frame stays on the screen."""
    screen = Screen(sources)
    live = Live(console=console, auto_refresh=False, transient=False, vertical_overflow="crop")
    with live:
        try:
            while True:
                _draw(live, screen, console)
                await asyncio.sleep(1 / FRAMES_PER_SECOND)
        finally:
            _draw(live, screen, console)


async def show_lines(sources: Sources, write: Callable[[str], Any]) -> None:
    """Write one line every ten seconds until cancelled, and one at the end."""
    screen = Screen(sources)
    try:
        while True:
            await asyncio.sleep(PLAIN_SECONDS)
            write(screen.line())
    finally:
        write(screen.line())


def _draw(live: Live, screen: Screen, console: Console) -> None:
    width, height = console.size
    live.update(screen.frame(width, height), refresh=True)
