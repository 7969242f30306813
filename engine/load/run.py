"""Run a load: start plugins, compile cases, spawn users, stop in two steps, count to the end."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from typing import Any

from msgspec.structs import replace

from ..case.model import Case
from ..errors import failure_of
from ..http.agent import Agent
from ..http.channel import Wire
from ..http.network import Network
from ..measure.errors import NoLog, RunLog
from ..measure.health import Health
from ..measure.samples import Recorder, Sample
from ..measure.snapshot import Slice, Snapshot
from ..measure.stats import Stats
from ..scenario.chance import Chance
from ..scenario.context import CompileContext
from ..scenario.kept import Keeper, Kept
from ..scenario.once import Row
from ..scenario.plugin import NoPlugins, Plugins
from ..scenario.prepare import names_of, prepare_cases
from ..scenario.scenario import Scenario
from ..scenario.session import Session
from ..settings import RunSettings
from ..stop import Stop
from ..values.time_limit import searches_end
from .closed_load import ClosedDriver
from .collector import quiet_collector
from .driver import Crew, Driver
from .gate import Gate
from .limiter import Limiter
from .load_run import Outcome, SecondListener
from .machine import allow_open_files, this_machine
from .notices import Notices
from .open_load import OpenDriver
from .preflight import RowStock, check, needs_of, row_stocks
from .rules import Rules
from .run_steps import Alone, Company, RunSteps
from .shape import ArrivalRate, Load
from .tickets import Tickets, runnable
from .timeline import Timeline
from .user import Habits
from .users_run import UsersRun


class Run:
    """One load test on this loop. Make it, `prepare` it, `execute` it once.

    `take_sample` is called with the sample of each request. Each of the `listeners` is called
    with each second as it ends. `company` knows the other engines of the load.
    """

    def __init__(
        self,
        cases: Sequence[Case],
        load: Load,
        settings: RunSettings | None = None,
        *,
        plugins: Plugins | None = None,
        stop: Stop | None = None,
        log: RunLog | None = None,
        take_sample: Callable[[Sample], None] | None = None,
    ) -> None:
        self.load = load
        self.stop = stop or Stop()
        self._log = log or NoLog()
        self._told_faults: set[str] = set()
        self.stats = Stats(log=self._log)
        self.health = Health()
        self.warnings: list[str] = []
        self.listeners: list[SecondListener] = []
        self.company: Company = Alone()
        self._cases = cases
        self._settings = settings = settings or RunSettings()
        self._plugins: Plugins = plugins or NoPlugins()
        self._keeper = Keeper(self.stats.elapsed)
        self._rules = Rules(settings.thresholds)
        self._recorder: Recorder | None = None
        if settings.id_header is not None or take_sample is not None:
            self._recorder = Recorder(self.stats.elapsed, settings.id_header, take_sample)
        self._chance = random.Random(load.seed)
        self._scenarios: list[Scenario] = []
        self._network: Network | None = None
        self._driver: Driver[Any] | None = None
        self._timeline: Timeline | None = None
        self._gate = Gate()
        self._run_steps = RunSteps((), self._new_session, self._log)

    async def prepare(self) -> None:
        """Start the plugins and compile the cases; nothing is sent.

        Raises PluginStartError, CaseError with the problems of all cases, and UsageError for a
        load that this machine does not allow or a threshold that names nothing.
        """
        needs = needs_of(self.load, self._settings.http)
        self.warnings += check(needs, this_machine())
        allow_open_files(needs.files_of_two)
        context = CompileContext(
            self._settings,
            self.load.users,
            recorder=self._recorder,
            keeper=self._keeper,
            added=self.health.added,
        )
        self._scenarios = await prepare_cases(
            self._cases, context, self.stats, self._plugins, self._chance
        )
        self._run_steps.scenarios = runnable(self._scenarios)
        self.warnings += _warnings(self._scenarios)
        self._rules.check_names(self.snapshot(), self.function_names)

    async def execute(self) -> Outcome:
        """Run the load to its end and return the outcome.

        If this is cancelled, requests under way are cut and counted; `outcome` has the figures.
        """
        self._network = network = Network(self._settings.http, self._log.warn)
        self._timeline = timeline = self._make_timeline()
        with quiet_collector(), searches_end():
            try:
                self.stats.start_clock()
                if self._run_steps.have_start:
                    await self.company.set_up(self._run_steps, self.stop)
                    self.stats.start_clock()
                await self._load(network, timeline)
            except asyncio.CancelledError:
                self.stop.request("caller")
                raise
            finally:
                # The figures are complete before the last await, which a second cancellation ends.
                self.stats.end_load()
                timeline.end()
                await network.close()
        return self.outcome()

    async def _load(self, network: Network, timeline: Timeline) -> None:
        """Run the users, unless the run is stopped already, and the steps after the load."""
        self._driver = driver = self._make_driver(network)
        self.health.start()
        ticking = asyncio.create_task(timeline.tick())
        ticking.add_done_callback(self._ticked)
        try:
            if not self.stop.is_requested:
                await UsersRun(self.load, self.stop, self.stats, self._gate).run(driver)
                if not self.stop.is_forced:
                    await driver.hang_up()
            await self._clean_up()
        finally:
            ticking.cancel()
            self.health.stop()
            driver.close()
        with suppress(asyncio.CancelledError):
            await ticking

    async def _clean_up(self) -> None:
        self.stats.end_load()
        if self._run_steps.have_end and await self.company.may_clean_up(self.stop):
            await self._run_steps.clean_up(self.stop, self.load.graceful_stop)

    def cut(self) -> Outcome:
        """End the run without its loop, which is blocked, and return the outcome.

        What has not ended is counted as cancelled. The process must end after it.
        """
        self.stats.cut()
        if self._recorder is not None:
            self._recorder.cut()
        if self._timeline is not None:
            self._timeline.end()
        outcome = self.outcome()
        return replace(outcome, plugins=tuple(view.cut() for view in outcome.plugins))

    def snapshot(self) -> Snapshot:
        """Freeze the numbers as they are now."""
        return self.stats.snapshot()

    def elapsed(self) -> float:
        """Return the seconds since the load began."""
        return self.stats.elapsed()

    def mark(self, what: str) -> None:
        """Record that something happened now."""
        self.stats.mark(what)

    def take_failures(self) -> list[Kept]:
        """Return the failed requests kept since the last call."""
        return self._keeper.take_failures()

    def slowest(self) -> list[Kept]:
        """Return the slowest requests so far, the slowest first."""
        return self._keeper.slowest()

    @property
    def state(self) -> str:
        """The state for a screen: setting up, paused, stopping, cleaning up or done; else ""."""
        if self._run_steps.state:
            return self._run_steps.state
        if self.stop.is_requested:
            return "stopping …" if self.stats.users else "done"
        return "" if self._gate.is_open else "paused"

    def toggle_pause(self) -> None:
        """Hold back new iterations, or let them go on."""
        if self._gate.is_open:
            self._gate.pause()
        else:
            self._gate.resume()
        self.stats.mark("resumed" if self._gate.is_open else "paused")

    def add_users(self, number: int) -> None:
        """Run `number` users more than the load says, or fewer where it is negative."""
        if self._driver is not None:
            self._driver.add_users(number)
            self.stats.mark(f"{number:+} users")

    @property
    def title(self) -> str:
        """The names of the cases, for a heading."""
        return ", ".join(names_of(self._cases))

    @property
    def row_stocks(self) -> tuple[RowStock, ...]:
        """The parameter rows of a prepared run, and how many the load needs."""
        return row_stocks(self._scenarios, self.load)

    @property
    def run_steps(self) -> RunSteps:
        """The steps of the prepared cases that belong to the run."""
        return self._run_steps

    @property
    def once_rows(self) -> Mapping[Row, str]:
        """The rows of the report that belong to once steps, each with when it runs."""
        return {row: when for one in self._scenarios for row, when in one.once.rows.items()}

    @property
    def function_names(self) -> set[str]:
        """The functions of a debugtalk.py that the prepared cases call."""
        return {name for scenario in self._scenarios for name in scenario.plugin_functions}

    def _make_driver(self, network: Network) -> Driver[Any]:
        load, stop, stats = self.load, self.stop, self.stats
        tickets = Tickets(self._scenarios, load, stop, self._chance)
        habits = Habits(
            stats,
            keep_cookies=self._settings.http.keep_cookies,
            iterations=_limiter(load.iteration_rate if load.max_iterations else None),
            gate=self._gate,
        )
        requests = _limiter(load.request_rate if load.limits_requests else None)

        def make_session() -> Session:
            return Session(Agent(network), Chance(self._chance.random()), limiter=requests)

        crew = Crew(make_session, habits, tickets, stop)
        if isinstance(load.shape, ArrivalRate):
            return OpenDriver(load.shape, load.most_seconds, crew)
        return ClosedDriver(load.shape, crew)

    def _new_session(self) -> Session:
        """Return the session of the steps that belong to the run, which no limit applies to."""
        assert self._network is not None
        return Session(Agent(self._network), Chance(self._chance.random()))

    def _make_timeline(self) -> Timeline:
        watches = []
        if self._settings.stop_on_plugin_loss:
            watches.append(self._watch_plugins)
        if self._settings.abort_on_threshold:
            watches.append(self._watch_thresholds)
        notices = Notices(self.stats, self.health, self._plugins)
        return Timeline(
            self.load.warmup,
            self.stats,
            self.health,
            self._plugins,
            notices,
            self._tell_listeners,
            watches,
        )

    def _tell_listeners(self, ended: Slice) -> None:
        for listener in self.listeners:
            try:
                listener(ended)
            except Exception as error:  # no record or export of a second may end the load
                told = failure_of(error).message
                if told not in self._told_faults:
                    self._told_faults.add(told)
                    self._log.warn(f"a second was not recorded or exported: {told}")

    def _ticked(self, ticking: asyncio.Task[None]) -> None:
        # Ticking never ends by itself: a fault in it must not leave a run without seconds.
        if not ticking.cancelled():
            self.stop.request("error")

    def _watch_plugins(self) -> None:
        if any(view.state == "given up" for view in self._plugins.snapshots()):
            self.stop.request("plugin")

    def _watch_thresholds(self) -> None:
        if self._rules.are_broken(self.snapshot(), self._plugins.snapshots()):
            self.stop.request("threshold")

    def outcome(self) -> Outcome:
        """Return the outcome so far."""
        uses = tuple(use for one in self._scenarios for use in one.row_uses())
        return replace(self.progress(), parameters=uses)

    def progress(self) -> Outcome:
        """Return the outcome so far without the use of parameter rows, which may be many."""
        started = self._driver.started if self._driver is not None else 0
        snapshot, plugins = self.snapshot(), tuple(self._plugins.snapshots())
        return Outcome(
            snapshot=snapshot,
            health=self.health.snapshot(),
            plugins=plugins,
            wire=copy(self._network.wire) if self._network is not None else Wire(),
            stopped_by=self.stop.reason,
            signal=self.stop.signal,
            verdicts=self._rules.verdicts(snapshot, plugins),
            never_started=max(0, self.load.users - started) if self.load.model == "closed" else 0,
        )


def _warnings(scenarios: Sequence[Scenario]) -> Iterator[str]:
    for scenario in scenarios:
        if scenario.once.rows and not scenario.later_steps:
            yield f"case {scenario.name!r}: all steps are once, so that iterations do nothing"


def _limiter(rate: Callable[[float], float] | None) -> Limiter | None:
    return None if rate is None else Limiter(rate)
