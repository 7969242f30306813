"""The screen of a load test: a plan, a live table or lines, and the summary at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import Any

from boomtalk.engine.load.load_run import LoadRun
from boomtalk.engine.load.machine import this_machine
from boomtalk.engine.load.preflight import needs_of
from boomtalk.engine.report.dry_run import plan
from boomtalk.engine.report.live import can_show_live
from boomtalk.engine.report.summary import summary
from msgspec import Struct
from rich.console import Console, RenderableType

from .console import queued_console
from .load_task import LoadTask
from .log import Log
from .watching import watched


class LoadScreen(Struct, frozen=True):
    """Shows a load test on a console."""

    console: Console

    def show_plan(self, task: LoadTask, run: LoadRun) -> None:
        needs = needs_of(task.load, task.settings.http)
        rows = plan(task.load, needs, this_machine(), run.row_stocks, run.snapshot(), run.once_rows)
        self.console.print(rows)

    def watching(
        self, run: LoadRun, title: str, save: Callable[[int], None], log: Log
    ) -> AbstractAsyncContextManager[None]:
        return watched(run, title, self.console, save, log)

    def show_results(
        self, report: Mapping[str, Any], comparison: RenderableType | None, directory: Path | None
    ) -> None:
        console = self.console
        console.print(summary(report, console.width, steps=not can_show_live(console)))
        if comparison is not None:
            console.print(comparison)
        if directory is not None:
            console.print(f"report      {directory / 'report.json'}")


@contextmanager
def load_screen(*files: Path | None, no_color: bool, plain: bool) -> Iterator[LoadScreen]:
    """Yield a screen on stdout, or on stderr if one of the files is to be alone on stdout."""
    with queued_console(*files, no_color=no_color, plain=plain) as console:
        yield LoadScreen(console)
