"""Run a load test inside another program: prepare, execute, look on, stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from os import PathLike
from typing import Literal

from boomtalk.version import VERSION
from msgspec.structs import replace

from ..case.model import Case
from ..errors import ResultsError, UsageError
from ..load import run as load_run
from ..load.shape import Load
from ..measure.snapshot import Second, Slice, Snapshot
from ..output.masking import Mask
from ..record.directory import RunDirectory
from ..record.recording import plain_samples, record_run
from ..report.json_report import About
from ..scenario.plugin import Plugins
from ..settings import RunSettings
from .arguments import check_arguments, check_names, path_of
from .folder import RunFolder
from .log import LibraryLog
from .outcome import Outcome

State = Literal["new", "preparing", "ready", "running", "ended"]


class Run:
    """One load test on the running loop. Make it, `prepare` it, `execute` it once.

    `plugins` is an open PluginPool; cases without a debugtalk.py need none. `out` names the run
    directory to write, which must not hold another run. `name` and `tags` stand in the report.
    Raises UsageError for wrong arguments.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        load: Load,
        settings: RunSettings | None = None,
        *,
        plugins: Plugins | None = None,
        out: str | PathLike[str] | None = None,
        name: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        check_arguments(cases, load, settings, plugins)
        check_names(name, tags or {})
        self._cases = tuple(cases)
        self._out = None if out is None else path_of("out", out)
        self._log = LibraryLog(Mask.of(self._cases))
        self._run = load_run.Run(self._cases, load, settings, plugins=plugins, log=self._log)
        self._run.listeners.append(self._second_ended)
        self._about = About(VERSION, name=name, tags=dict(tags or {}))
        self._folder: RunFolder | None = None
        self._final: Outcome | None = None
        self._state: State = "new"
        self._news = asyncio.Event()
        self._preparer: asyncio.Task[object] | None = None

    @property
    def state(self) -> State:
        """The state: new, preparing, ready, running or ended."""
        return self._state

    @property
    def warnings(self) -> Sequence[str]:
        """What may spoil the load, such as too few files or ports; known when it is ready."""
        return tuple(self._run.warnings)

    async def prepare(self) -> None:
        """Start the plugins and compile the cases; nothing is sent.

        Raises PluginStartError, CaseError with the problems of all cases, and UsageError for a
        load that this machine does not allow or a threshold that names nothing.
        """
        if self._state != "new":
            raise UsageError("a run is prepared once", "make a new Run")
        self._preparer = asyncio.current_task()
        self._enter("preparing")
        try:
            await self._run.prepare()
        except BaseException:
            self._enter("ended")
            raise
        self._enter("ready")

    async def execute(self) -> Outcome:
        """Run the load to its end and return the outcome.

        If the task is cancelled, requests under way are cut and counted, and `outcome()` has the
        figures. Raises UsageError, before anything is sent, if the run directory cannot be
        written.
        """
        if self._state in ("new", "preparing"):
            raise UsageError("the run is not prepared", "await run.prepare() first")
        if self._state != "ready":
            raise UsageError("a run is executed once", "make a new Run")
        self._enter("running")
        try:
            with self._recorded():
                await self._run.execute()
        finally:
            self._enter("ended")
        return self.outcome()

    async def seconds(self) -> AsyncIterator[Second]:
        """Yield each second of the run when it ends, the first one first, until the run has ended.

        Any number of tasks may do so, and begin at any time. Raises UsageError if nothing will
        ever run.
        """
        await asyncio.sleep(0)  # A task that was just created with `execute` begins now.
        self._check_executing()
        seen = 0
        while True:
            # Taken first: a second that ends while the caller works sets this event.
            news, has_ended = self._news, self._state == "ended"
            for second in self._run.stats.seconds[seen:]:
                seen += 1
                yield second
            if has_ended:
                return
            await news.wait()

    async def stop(self, *, now: bool = False) -> None:
        """End the run, and return when it has ended.

        No new iterations start; running ones get the load's `graceful_stop`, or with `now` no
        time. A run that is not running yet sends nothing when it is executed.
        """
        self._run.stop.request("caller")
        if now:
            self._run.stop.force()
        while self._state == "running":
            await self._news.wait()

    def snapshot(self) -> Snapshot:
        """Return all numbers of this moment, frozen; works before, during and after the run."""
        return self._run.snapshot()

    def outcome(self) -> Outcome:
        """Return the outcome so far; after the end, also after a cancelled one, the whole."""
        return self._final or self._outcome_so_far(has_ended=self._state == "ended")

    def _outcome_so_far(self, *, has_ended: bool) -> Outcome:
        return Outcome.of(
            self._run.outcome(),
            load=self._run.load,
            about=self._about,
            has_ended=has_ended,
            _folder=self._folder,
        )

    def _check_executing(self) -> None:
        """Raise UsageError if the caller would wait for seconds of a run that nobody executes."""
        if self._state == "new":
            raise UsageError("the run is not prepared", "await run.prepare() first")
        if self._state == "ready" and asyncio.current_task() is self._preparer:
            hint = "task = asyncio.create_task(run.execute()) first"
            raise UsageError("the run is not executing, so that no second would come", hint)

    @contextmanager
    def _recorded(self) -> Iterator[None]:
        """Record the run while the body lasts; raises UsageError if that is not possible."""
        folder = RunFolder.of(self._out)
        directory = RunDirectory(folder.path)
        self._folder = folder
        self._about = replace(self._about, started_at=datetime.now(UTC))
        try:
            with directory:
                record_run(self._run, self._cases, [directory], self._about, self._log.secrets)
                try:
                    yield
                finally:
                    slowest = plain_samples(self._run.slowest(), self._log.secrets)
                    directory.add_samples(slowest)
        finally:
            self._finish(directory)

    def _finish(self, directory: RunDirectory) -> None:
        """Write the report into the directory; a disk that is full must not cost the outcome."""
        final = self._outcome_so_far(has_ended=True)
        try:
            directory.finish(final.report())
        except ResultsError as error:
            self._log.error(str(error))
            final = replace(final, incomplete=str(error))
        # Kept, because the plugins may go on and serve other runs.
        self._final = final

    def _second_ended(self, _ended: Slice) -> None:
        self._tell()

    def _enter(self, state: State) -> None:
        self._state = state
        self._tell()

    def _tell(self) -> None:
        """Wake everything that waits for news, and let it wait for the next ones."""
        self._news.set()
        self._news = asyncio.Event()


async def run_load(
    cases: Sequence[Case],
    load: Load,
    settings: RunSettings | None = None,
    *,
    plugins: Plugins | None = None,
    out: str | PathLike[str] | None = None,
    name: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> Outcome:
    """Prepare and execute a Run with these arguments, and return its outcome."""
    run = Run(cases, load, settings, plugins=plugins, out=out, name=name, tags=tags)
    await run.prepare()
    return await run.execute()
