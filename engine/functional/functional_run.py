"""This module runs cases as a functional test: all are prepared, then run row by row."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from time import perf_counter
from typing import Any, Protocol

from msgspec import Struct, field

from ..case.model import Case
from ..errors import StepFailed
from ..http.agent import Agent
from ..http.network import Network
from ..measure.stats import Stats
from ..scenario.chance import Chance
from ..scenario.context import CompileContext
from ..scenario.functional_trace import Journal, Trace
from ..scenario.once import OnceFailure
from ..scenario.plugin import NoPlugins, Plugins
from ..scenario.prepare import prepare_cases
from ..scenario.scenario import Scenario
from ..scenario.session import Session
from ..settings import RunSettings
from ..stop import Stop, Stopped, unless_forced, unless_stopped
from ..values.time_limit import searches_end
from .results import Results, RowResult


class Listener(Protocol):
    """Is called when a row begins, when a step ends and when a row ends."""

    def begin(self, result: RowResult) -> None: ...
    def step(self, trace: Trace) -> None: ...
    def end(self, result: RowResult) -> None: ...


class FunctionalRun(Struct, kw_only=True):
    """A functional run: await `prepare`, then `execute`, once each.

    A failed step ends its row unless the run `keeps_going`; later rows and cases run all the
    same, unless a plugin was given up and the settings stop the run then. `case_timeout` is in
    seconds, for rows of cases that do not set their own. The `once: run` steps of a case run in
    its first row, before all others, and its `once: end` steps in the last row that runs.
    """

    cases: Sequence[Case]
    listener: Listener
    settings: RunSettings = field(default_factory=RunSettings)
    plugins: Plugins = field(default_factory=NoPlugins)
    keeps_going: bool = False
    case_timeout: float | None = None
    warn: Callable[[str], None] = lambda warning: None
    _scenarios: list[Scenario] = field(default_factory=list)
    _chance: random.Random = field(default_factory=random.Random)
    _done: list[RowResult] = field(default_factory=list)
    _open: _OpenRow | None = None
    _started_at: float = 0.0
    _began_at: float = 0.0

    async def prepare(self) -> None:
        """Start plugins and compile the cases; raises PluginStartError, or CaseError."""
        context = CompileContext(self.settings, traced=True)
        self._scenarios = await prepare_cases(
            self.cases, context, Stats(), self.plugins, self._chance
        )

    async def execute(self, stop: Stop) -> Results:
        """Run all rows and return their results; `stop` cuts the current row."""
        network = Network(self.settings.http, self.warn)
        self._started_at, self._began_at = time.time(), perf_counter()
        # Counted in advance, so that the results show if rows are missing after a stop.
        planned = [row async for row in self._planned()]
        try:
            with searches_end():
                await self._rows(planned, _Agents(network), stop)
        finally:
            await network.close()
        return self._results(stop.is_requested or len(self._done) < len(planned))

    def cut(self) -> Results:
        """Return the results so far of a run whose loop is blocked; the process must end then."""
        if self._open is not None:
            self._done.append(self._open.close(_interrupted()))
        return self._results(interrupted=True)

    def _results(self, interrupted: bool) -> Results:
        duration = perf_counter() - self._began_at
        return Results(tuple(self._done), self._started_at, duration, interrupted)

    async def _planned(self) -> AsyncIterator[tuple[Scenario, RowResult]]:
        for scenario in self._scenarios:
            name = await scenario.title.render(scenario.base)
            rows: list[Mapping[str, Any]] = [{}] if scenario.rows is None else list(scenario.rows)
            for number, row in enumerate(rows, 1):
                yield scenario, RowResult(name, number, len(rows), row, scenario.base)

    async def _rows(
        self,
        planned: Sequence[tuple[Scenario, RowResult]],
        agents: _Agents,
        stop: Stop,
    ) -> None:
        around = None
        for scenario, result in planned:
            if stop.is_requested or self._has_lost_a_plugin:
                break
            if around is None or around.scenario is not scenario:
                around = _Around(scenario, Session(agents.apart(), Chance(self._chance.random())))
            self._done.append(await self._row(around, result, agents, stop))
            self.listener.end(result)
        agents.close()

    @property
    def _has_lost_a_plugin(self) -> bool:
        views = self.plugins.snapshots() if self.settings.stop_on_plugin_loss else ()
        return any(view.state == "given up" for view in views)

    async def _row(
        self, around: _Around, result: RowResult, agents: _Agents, stop: Stop
    ) -> RowResult:
        scenario = around.scenario
        result.started_at = time.time()
        self.listener.begin(result)
        began_at = perf_counter()
        journal = Journal(self.keeps_going, self.listener.step)
        session = Session(
            agents.next(), Chance(self._chance.random()), started_at=began_at, journal=journal
        )
        self._open = row = _OpenRow(result, scenario, session, journal)
        try:
            failure = await unless_stopped(self._iterate(around, row), stop)
        except Stopped:
            failure = _interrupted()
        await session.leave()
        if result.number == result.rows or stop.is_requested or self._has_lost_a_plugin:
            await unless_forced(around.clean_up(journal), stop, self._timeout(scenario))
        self._open = None
        return row.close(failure)

    def _timeout(self, scenario: Scenario) -> float | None:
        return scenario.case_timeout or self.case_timeout

    async def _iterate(self, around: _Around, row: _OpenRow) -> StepFailed | None:
        """Run the row; return its failure, unless that is the failure of a step."""
        scenario, session = row.scenario, row.session
        timeout = self._timeout(scenario)
        try:
            async with asyncio.timeout(timeout) as limit:
                await around.set_up(row)
                scenario.offer(row.result.row)
                await scenario.iterate(session)
        except StepFailed as failure:
            assert session.journal is not None
            return None if session.journal.has_told(failure) else failure
        except TimeoutError:
            if not limit.expired():  # a timeout inside of boomtalk, not that of the row
                raise
            return StepFailed("timeout", f"the case took longer than {timeout:g} s", "case")
        return None


class _Around(Struct):
    """The steps of a case that run once, before and after its rows, and their session."""

    scenario: Scenario
    session: Session
    failed: OnceFailure | None = None

    async def set_up(self, row: _OpenRow) -> None:
        """Run the first steps in the first row; raises StepFailed if one failed, in each row."""
        if self.failed is not None:
            text = f"not run: step {self.failed.step!r} (once: run) failed"
            raise StepFailed("other", text, "setup")
        if row.result.number == 1 and self.scenario.once.before:
            self.session.journal = row.journal
            self.failed = await self.scenario.set_up(self.session)
            if self.failed is not None:
                raise self.failed.failure

    async def clean_up(self, journal: Journal) -> None:
        self.session.journal = journal
        await self.scenario.clean_up(self.session)
        self.session.agent.close()


class _OpenRow(Struct, frozen=True):
    """A row that runs."""

    result: RowResult
    scenario: Scenario
    session: Session
    journal: Journal

    def close(self, failure: StepFailed | None) -> RowResult:
        """End the row and return its result."""
        result, variables = self.result, self.session.variables
        result.failure = failure
        result.duration = perf_counter() - self.session.started_at
        result.traces = self.journal.traces
        result.exports = {name: variables.get(name) for name in self.scenario.export}
        return result


def _interrupted() -> StepFailed:
    return StepFailed("other", "interrupted", "cancelled")


class _Agents(Struct):
    """Makes a fresh agent for each row, or one for all rows if users keep their cookies."""

    network: Network
    current: Agent | None = None

    def apart(self) -> Agent:
        """Return an agent that no row shares."""
        return Agent(self.network)

    def next(self) -> Agent:
        if self.current is not None and self.network.options.keep_cookies:
            return self.current
        self.close()
        self.current = Agent(self.network)
        return self.current

    def close(self) -> None:
        if self.current is not None:
            self.current.close()
