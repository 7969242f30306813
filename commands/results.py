"""What becomes of a load test's numbers: the screen, the files, the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .loading import signal_code
from .watching import watched

if TYPE_CHECKING:
    from boomtalk.engine import Outcome, Run
    from boomtalk.engine.report.files import ResultFiles
    from boomtalk.engine.report.json_report import About
    from boomtalk.engine.report.lines import LineFile
    from boomtalk.plugins import PluginSnapshot
    from rich.console import Console

    from .load_test import LoadTest
    from .voices import Log


@dataclass(frozen=True, slots=True)
class Results:
    """Where the numbers of one run go."""

    test: LoadTest
    files: ResultFiles
    samples: LineFile | None
    about: About
    console: Console
    log: Log

    async def watch(self, run: Run) -> Outcome:
        """Execute the run, shown on the screen while it lasts."""
        from boomtalk.engine.report.json_report import report_of

        def save(number: int) -> None:
            plugins = run.plugins.snapshots()
            report = report_of(run.outcome(), self.test.load, plugins, self.about, None)
            self.files.write_snapshot(number, report)
            run.stats.mark(f"snapshot {number}")

        title = self.test.name or run.title
        async with watched(run, title, self.test.screen, self.console, save):
            return await run.execute()

    def tell(self, outcome: Outcome, plugins: Sequence[PluginSnapshot]) -> int:
        """Print the summary, write the files, and return the exit code."""
        from boomtalk.engine.errors import ResultsError
        from boomtalk.engine.report.json_report import report_of
        from boomtalk.engine.report.summary import summary

        test, console = self.test, self.console
        code = self._exit_code(outcome, plugins)
        if not test.screen.quiet:
            console.print(summary(outcome, test.load, plugins, console.width, console.is_terminal))
        try:
            self.files.write(report_of(outcome, test.load, plugins, self.about, code))
        except ResultsError as error:
            self.log("error", str(error))
            return error.exit_code
        if not test.screen.quiet and self.files.directory is not None:
            console.print(f"report      {self.files.directory / 'report.json'}")
        return code

    def _exit_code(self, outcome: Outcome, plugins: Sequence[PluginSnapshot]) -> int:
        """Return the first of the contract's codes that applies: 4, 3, 130 or 143, 5, 1."""
        if self.samples is not None and self.samples.unwritten:
            number, reason = self.samples.unwritten, self.samples.reason
            self.log("warning", f"{number} samples are unwritten: {reason}")
            return 4
        if any(view.state == "given up" for view in plugins):
            return 3
        if outcome.signal is not None:
            return signal_code(outcome.signal)
        return _verdict_code(self.test, outcome)


def _verdict_code(test: LoadTest, outcome: Outcome) -> int:
    if test.strict and not outcome.health.is_trusted:
        return 5
    counts = outcome.snapshot.accounting
    failed = counts.failed + counts.not_issued + outcome.snapshot.iterations.failed
    broken = not all(verdict.passed for verdict in outcome.verdicts)
    return 1 if broken or (test.fail_on_error and failed) else 0
