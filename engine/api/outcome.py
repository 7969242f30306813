"""The outcome of a run as its caller gets it: numbers, report and files."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from ..errors import ResultsError, UsageError
from ..load import load_run
from ..load.shape import Load
from ..page.page import page_of
from ..record.reading import Record
from ..report.exit_code import exit_code_of
from ..report.json_report import About, report_of
from ..report.result_files import ResultFiles
from .arguments import path_of
from .folder import RunFolder

_File = str | PathLike[str] | None


class Outcome(load_run.Outcome, frozen=True, kw_only=True):
    """All results of a run, at its end or at any moment before.

    `incomplete` is the reason why the run directory is not complete, None if it is.
    """

    load: Load
    about: About
    incomplete: str | None = None
    has_ended: bool = False
    _folder: RunFolder | None = None

    @classmethod
    def of(cls, outcome: load_run.Outcome, **others: Any) -> Outcome:
        """Return the outcome of the engine with what only the caller's run knows."""
        return cls(**asdict(outcome), **others)

    @property
    def exit_code(self) -> int | None:
        """The code with which `boomtalk boom` would end; None before the end, and without a load.

        0: fine, 1: a threshold is broken, 3: a plugin was given up, 4: the run directory is not
        complete.
        """
        if not self.has_ended or self.stopped_by is None:
            return None
        is_lost = self.incomplete is not None and self.directory is not None
        return 4 if is_lost else exit_code_of(self)

    @property
    def directory(self) -> Path | None:
        """The run directory, None if the run was not asked for one."""
        folder = self._folder
        return folder.path if folder is not None and folder.is_kept else None

    def report(self) -> dict[str, Any]:
        """Return the JSON report as plain values: what `boomtalk boom --json` writes."""
        return report_of(self, self.load, self.about, self.exit_code)

    def write(
        self,
        *,
        json: _File = None,
        html: _File = None,
        csv: _File = None,
        junit: _File = None,
        markdown: _File = None,
    ) -> None:
        """Write the report to files; folders are made, and `-` is stdout.

        If one file cannot be written, the others are, then ResultsError is raised. Raises
        UsageError for arguments that name no file, and for a page before the end of the run.
        """
        named = {"json": json, "html": html, "csv": csv, "junit": junit, "markdown": markdown}
        paths = {form: path_of(form, file) for form, file in named.items() if file is not None}
        if not paths:
            raise UsageError("write() names no file", f"pass one of {', '.join(named)}")
        if html is not None and not self.has_ended:
            raise UsageError("the page is made at the end of the run", "await run.execute() first")
        ResultFiles(**paths).write(self.report(), self._page())

    def _page(self) -> Callable[[], bytes]:
        def page() -> bytes:
            if self._folder is None:
                raise ResultsError("no page: the run ended before its load began")
            try:
                return page_of(Record(self._folder.path))
            except UsageError as error:
                raise ResultsError(f"no page: {error}") from error

        return page
