"""What becomes of a load test's numbers: the screen, the files, the exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .loading import signal_code
from .watching import watched

if TYPE_CHECKING:
    from boomtalk.engine import Outcome, Run
    from boomtalk.engine.case.model import Case
    from boomtalk.engine.measure.snapshot import Slice
    from boomtalk.engine.output.lines import LineFile
    from boomtalk.engine.record.directory import RunDirectory
    from boomtalk.engine.report.json_report import About
    from boomtalk.engine.report.result_files import ResultFiles
    from boomtalk.engine.scenario.kept import Kept
    from boomtalk.engine.scenario.plugin import PluginView
    from boomtalk.engine.shards.sharded_run import ShardedRun
    from rich.console import Console

    from .baseline import Baseline
    from .load_test import LoadTest
    from .voices import Log


_AT_THE_END = (
    "boomtalk.engine.record.samples",
    "boomtalk.engine.report.json_report",
    "boomtalk.engine.output.masking",
    "boomtalk.engine.report.summary",
    "boomtalk.engine.report.tabular",
)


@dataclass(frozen=True, slots=True)
class Results:
    """Where the numbers of one run go."""

    test: LoadTest
    files: ResultFiles
    directory: RunDirectory | None
    samples: LineFile | None
    about: About
    console: Console
    log: Log
    baseline: Baseline | None = None

    async def watch(self, run: Run | ShardedRun, cases: Sequence[Case]) -> Outcome:
        """Execute the run, recorded and shown on the screen while it lasts."""
        self._import_what_the_end_needs()
        if self.directory is not None:
            self._record(run, cases, self.directory)
        title = self.test.name or run.title
        save = partial(self._save, run)
        async with watched(run, title, self.test.screen, self.console, save):
            outcome = await run.execute()
        if self.directory is not None:
            self.directory.add_samples(self._samples_of(run.keeper.slowest()))
        return outcome

    def tell(self, outcome: Outcome, plugins: Sequence[PluginView]) -> int:
        """Print the summary, write the files, and return the exit code."""
        from boomtalk.engine.report.json_report import report_of
        from boomtalk.engine.report.summary import summary

        test, console = self.test, self.console
        code = self._exit_code(outcome, plugins)
        report = report_of(outcome, test.load, plugins, self.about, code, self.samples)
        if not test.screen.quiet:
            console.print(summary(report, console.width, steps=not console.is_terminal))
        if self._misses_baseline(report):
            report["exit_code"] = code = code or 1
        if not self._write(report):
            return 4
        if not test.screen.quiet and self.directory is not None and test.is_out_kept:
            console.print(f"report      {self.directory.path / 'report.json'}")
        return code

    def _import_what_the_end_needs(self) -> None:
        # Hours later the program's files may be of another version, or gone.
        for name in _AT_THE_END:
            import_module(name)

    def _write(self, report: Mapping[str, Any]) -> bool:
        """Write the report into the directory and the files; False if not all could be."""
        directory = self.directory
        is_kept = directory is None or self._is_done(partial(directory.finish, report))
        return self._is_done(partial(self.files.write, report, self._page)) and is_kept

    def _is_done(self, write: Callable[[], None]) -> bool:
        """Write something; tell why and return False if it cannot be."""
        from boomtalk.engine.errors import ResultsError

        try:
            write()
        except ResultsError as error:
            self.log("error", str(error))
            return False
        return True

    def _page(self) -> bytes:
        """Return the page of what the run recorded; raises ResultsError."""
        from boomtalk.engine.errors import ResultsError, UsageError
        from boomtalk.engine.page.page import page_of
        from boomtalk.engine.record.reading import Record

        assert self.directory is not None  # a run that is to have a page has one
        try:
            return page_of(Record(self.directory.path))
        except UsageError as error:
            raise ResultsError(f"no page: {error}") from error

    def _misses_baseline(self, report: Mapping[str, Any]) -> bool:
        """Compare the run with its baseline, if it has one, and show what came of it."""
        if self.baseline is None or self.directory is None:
            return False
        from boomtalk.engine.compare.show import shown

        comparison = self.baseline.compared(self.directory, report, self.log)
        if comparison is not None and not self.test.screen.quiet:
            self.console.print(shown(comparison))
        return self.baseline.is_missed(comparison, self.log)

    def _record(
        self, run: Run | ShardedRun, cases: Sequence[Case], directory: RunDirectory
    ) -> None:
        """Begin the record and have it take each second of the run."""
        from boomtalk.engine.record.origin import origin_of
        from boomtalk.engine.report.json_report import about_of, progress_of

        def progress() -> dict[str, Any]:
            return progress_of(run.progress(), self.test.load, run.plugins.snapshots())

        earlier = run.take_slice

        def take(ended: Slice) -> None:
            earlier(ended)
            directory.add_samples(self._samples_of(run.keeper.take_failures()))
            directory.take(ended, run.stats.elapsed(), progress())

        about = about_of(self.about)
        directory.begin({**about, "origin": origin_of(cases), "so_far": progress()})
        run.take_slice = take

    def _samples_of(self, kept: Iterable[Kept | Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Return kept requests as plain values; a shard has made its own so already."""
        from boomtalk.engine.output.masking import Mask
        from boomtalk.engine.record.samples import sample_of

        mask = self.log.mask or Mask()
        return (one if isinstance(one, Mapping) else sample_of(one, mask) for one in kept)

    def _save(self, run: Run | ShardedRun, number: int) -> None:
        """Keep the numbers of the moment, under this number."""
        from boomtalk.engine.report.json_report import report_of

        if self.directory is not None:
            plugins = run.plugins.snapshots()
            report = report_of(run.outcome(), self.test.load, plugins, self.about, None)
            if not self._is_done(partial(self.directory.write_snapshot, number, report)):
                return
        run.stats.mark(f"snapshot {number}")

    def _exit_code(self, outcome: Outcome, plugins: Sequence[PluginView]) -> int:
        """Return the first of the contract's codes that applies: 4, 3, 130 or 143, 5, 1."""
        if self.samples is not None and self.samples.unwritten:
            number, reason = self.samples.unwritten, self.samples.reason
            self.log("warning", f"{number} samples are unwritten: {reason}")
            return 4
        if any(shard.state == "lost" for shard in outcome.snapshot.shards):
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
