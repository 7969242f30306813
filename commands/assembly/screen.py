"""The screen of a load test as its other parts see it, and the one of `--quiet`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from boomtalk.engine.load.load_run import LoadRun

from .load_task import LoadTask
from .log import Log

if TYPE_CHECKING:  # a quiet run prints nothing with it
    from rich.console import RenderableType


class Screen(Protocol):
    """Shows a load test: its plan, its course, its results."""

    def show_plan(self, task: LoadTask, run: LoadRun) -> None: ...

    def watching(
        self, run: LoadRun, title: str, save: Callable[[int], None], log: Log
    ) -> AbstractAsyncContextManager[None]:
        """Show the run while the body lasts; `save` is called with the number of a snapshot."""
        ...

    def show_results(
        self, report: Mapping[str, Any], comparison: RenderableType | None, directory: Path | None
    ) -> None:
        """Show the summary and the comparison, and name the directory of the record."""
        ...


class Silence:
    """Shows nothing."""

    def show_plan(self, task: LoadTask, run: LoadRun) -> None:
        pass

    def watching(
        self, run: LoadRun, title: str, save: Callable[[int], None], log: Log
    ) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    def show_results(
        self, report: Mapping[str, Any], comparison: RenderableType | None, directory: Path | None
    ) -> None:
        pass
