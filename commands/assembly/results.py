"""The results of a load test: recorded while it runs, shown and written at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from boomtalk.engine.case.model import Case
from boomtalk.engine.errors import ResultsError
from boomtalk.engine.load.load_run import LoadRun, Outcome
from boomtalk.engine.load.shape import Load
from boomtalk.engine.output.lines import LineFile
from boomtalk.engine.record.directory import RunDirectory
from boomtalk.engine.record.recording import plain_samples, record_run
from boomtalk.engine.report.exit_code import exit_code_of
from boomtalk.engine.report.json_report import About, report_of
from boomtalk.engine.report.result_files import ResultFiles
from msgspec import Struct

from .load_test import LoadTest
from .log import Log
from .screen import Screen

if TYPE_CHECKING:  # only a run with a baseline or a live page imports them
    from boomtalk.engine.compare.comparison import Comparison
    from boomtalk.engine.live_page.feed import Feed

    from .baseline import Baseline

_MOMENT = 0.2


class LoadResults(Struct, frozen=True):
    """The places that the numbers of one run go to."""

    test: LoadTest
    load: Load
    files: ResultFiles
    directory: RunDirectory | None
    samples: LineFile | None
    about: About
    screen: Screen
    log: Log
    baseline: Baseline | None = None
    page: Callable[[Path], bytes] | None = None
    live: Feed | None = None

    async def watch(self, run: LoadRun, cases: Sequence[Case]) -> Outcome:
        """Execute the run, recorded and shown on the screen while it lasts."""
        if self.directory is not None:
            viewers = () if self.live is None else (self.live,)
            takers = (self.directory, *viewers)
            record_run(run, cases, takers, self.about, self.log.secrets)
        title = self.test.output.name or run.title
        save = partial(self._save, run)
        async with self.screen.watching(run, title, save, self.log):
            outcome = await run.execute()
        if self.directory is not None:
            self.directory.add_samples(plain_samples(run.slowest(), self.log.secrets))
        return outcome

    def finish(self, outcome: Outcome, *, is_kept: bool) -> Callable[[], int]:
        """Write the files; return the rest: to print the summary and give the exit code.

        With `is_kept` the directory stays after the run, and the summary names it. Nothing is
        printed before the files are there: the reader of the summary may be slow or gone.
        """
        report = report_of(outcome, self.load, self.about, self._exit_code(outcome), self.samples)
        comparison = self._compare(report)
        if self.baseline is not None and self.baseline.is_missed(comparison, self.log):
            report["exit_code"] = report["exit_code"] or 1
        code = self._write(report)
        if self.live is not None:
            self._is_done(partial(self._end_live, self.live))
        return partial(self._show, report, comparison, code != 4 and is_kept, code)

    def save(self, run: LoadRun) -> int:
        """Write what a run has counted whose loop is blocked; return the exit code."""
        outcome = run.cut()
        for lines in (self.samples, self.directory):
            if lines is not None:
                lines.close(_MOMENT)
        code = self._exit_code(outcome)
        return self._write(report_of(outcome, self.load, self.about, code, self.samples))

    def _show(
        self,
        report: Mapping[str, Any],
        comparison: Comparison | None,
        names_directory: bool,
        code: int,
    ) -> int:
        path = self.directory.path if self.directory is not None and names_directory else None
        shown = None
        if self.baseline is not None and comparison is not None:
            shown = self.baseline.shown(comparison)
        self.screen.show_results(report, shown, path)
        return code

    def _save(self, run: LoadRun, number: int) -> None:
        """Save the numbers of this moment as the snapshot of this number."""
        if self.directory is not None:
            report = report_of(run.outcome(), self.load, self.about, None)
            if not self._is_done(partial(self.directory.write_snapshot, number, report)):
                return
        run.mark(f"snapshot {number}")

    def _write(self, report: Mapping[str, Any]) -> int:
        """Write the report into the directory and the files; return the exit code."""
        directory = self.directory
        is_recorded = directory is None or self._is_done(partial(directory.finish, report))
        is_written = self._is_done(partial(self.files.write, report, self._page))
        return report["exit_code"] if is_recorded and is_written else 4

    def _is_done(self, write: Callable[[], None]) -> bool:
        """Write something; log the reason and return False if it cannot be written."""
        try:
            write()
        except ResultsError as error:
            self.log("error", str(error))
            return False
        return True

    def _end_live(self, live: Feed) -> None:
        """Send the page of the run to those who watch; raises ResultsError."""
        live.end(self._page())

    def _page(self) -> bytes:
        """Return the HTML page of the recorded run; raises ResultsError."""
        assert self.directory is not None  # a run with a page has a record
        assert self.page is not None
        return self.page(self.directory.path)

    def _compare(self, report: Mapping[str, Any]) -> Comparison | None:
        """Compare the run with its baseline, if it has one."""
        if self.baseline is None or self.directory is None:
            return None
        return self.baseline.compared(self.directory, report, self.log)

    def _exit_code(self, outcome: Outcome) -> int:
        """Return the first of the contract's codes that applies: 4, 3, 130 or 143, 5, 1."""
        if self.samples is not None and self.samples.unwritten:
            number, reason = self.samples.unwritten, self.samples.reason
            self.log.warn(f"{number} samples are unwritten: {reason}")
            return 4
        rules = self.test.verdict
        return exit_code_of(outcome, strict=rules.strict, fail_on_error=rules.fail_on_error)
