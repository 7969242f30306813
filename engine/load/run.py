"""The life of a run: start plugins, compile, spawn users, stop in two steps, count to the end."""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import perf_counter

from ..case.model import Case
from ..errors import CaseError, PluginStartError, Problem, StepFailed, UsageError
from ..http.agent import Agent
from ..http.channel import Wire
from ..http.network import Network
from ..http.options import HttpOptions
from ..measure.health import Health, HealthSnapshot
from ..measure.snapshot import Snapshot
from ..measure.stats import Stats
from ..scenario.compile import compile_case
from ..scenario.plugin import NoPlugins, Plugin, Plugins
from ..scenario.scenario import Scenario
from ..values.expressions import Functions
from .pacing import Load, users_wanted
from .preflight import allow_open_files
from .stop import Stop
from .tickets import Tickets
from .user import User

_SPAWN_TICK = 0.05


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. `stopped_by` is one of the reasons of the JSON report."""

    snapshot: Snapshot
    health: HealthSnapshot
    wire: Wire
    stopped_by: str
    signal: int | None
    never_started: int


class Run:
    """One load test. Make it, `prepare` it, `execute` it once; `snapshot` may be asked any time."""

    def __init__(
        self,
        cases: Sequence[Case],
        load: Load,
        *,
        http: HttpOptions | None = None,
        base_url: str | None = None,
        plugins: Plugins | None = None,
        stop: Stop | None = None,
        stop_on_plugin_loss: bool = True,
    ) -> None:
        self.load = load
        self.stop = stop or Stop()
        self.stats = Stats()
        self.health = Health()
        self.plugins: Plugins = plugins or NoPlugins()
        self.warnings: list[str] = []
        self._cases = cases
        self._http = http or HttpOptions()
        self._base_url = base_url
        self._stop_on_plugin_loss = stop_on_plugin_loss
        self._chance = random.Random(load.seed)
        self._scenarios: list[Scenario] = []
        self._network: Network | None = None
        self._users: set[asyncio.Task[None]] = set()
        self._started = 0

    async def prepare(self) -> None:
        """Start the plugins and compile the cases; nothing is sent.

        Raises PluginStartError, CaseError with the problems of all cases, and UsageError for a
        load that this machine does not allow.
        """
        if (warning := allow_open_files(self.load.users)) is not None:
            self.warnings.append(warning)
        problems: list[Problem] = []
        for case, name in zip(self._cases, names_of(self._cases), strict=True):
            functions = await self._functions(case)
            try:
                scenario = compile_case(
                    case, name, functions, self.stats, self._http, self._base_url
                )
                await scenario.prepare()
                self._scenarios.append(scenario)
            except CaseError as error:
                problems.extend(error.problems)
            except StepFailed as failure:
                problems.append(Problem(case.config.place, f"config: {failure.message}"))
        if problems:
            raise CaseError(problems)

    async def execute(self) -> Outcome:
        """Run the load to its end and return what it came to."""
        try:
            self._network = Network(self._http)
        except (OSError, ValueError) as error:
            raise UsageError(f"TLS files cannot be used: {error}") from error
        with _quiet_collector():
            self.stats.start_clock()
            self.health.start()
            ticker = asyncio.create_task(self._tick())
            try:
                await self._run_users()
            finally:
                ticker.cancel()
                self.health.stop()
                await self._network.close()
        self._end_seconds()
        return self._outcome()

    def snapshot(self) -> Snapshot:
        """Freeze the numbers as they are now."""
        return self.stats.snapshot()

    @property
    def title(self) -> str:
        """The names of the cases, for a heading."""
        return ", ".join(names_of(self._cases))

    @property
    def wire(self) -> Wire:
        return self._network.wire if self._network is not None else Wire()

    async def _functions(self, case: Case) -> Functions:
        plugin: Plugin | None = None
        if case.project.plugin is not None:
            plugin = await self.plugins.open(case.project.plugin, case.project.environment)
        return functions_of(case, plugin, self._chance)

    async def _run_users(self) -> None:
        spawner = asyncio.create_task(self._spawn())
        waiting = [
            asyncio.create_task(self._all_done(spawner)),
            asyncio.create_task(self.stop.requested()),
        ]
        try:
            await asyncio.wait(
                waiting, timeout=self.load.duration, return_when=asyncio.FIRST_COMPLETED
            )
            self.stop.request("iterations" if waiting[0].done() else "duration")
            await self._drain(waiting[0])
        finally:
            for task in (spawner, *waiting, *self._users):
                task.cancel()
            await asyncio.gather(spawner, *waiting, *self._users, return_exceptions=True)

    async def _spawn(self) -> None:
        assert self._network is not None
        tickets = Tickets(self._scenarios, self.load, self.stop, self._chance)
        began_at = perf_counter()
        while self._started < self.load.users and not self.stop.is_requested:
            wanted = users_wanted(self.load, perf_counter() - began_at)
            self.stats.users_wanted = wanted
            while self._started < wanted:
                self._start_user(self._network, tickets)
            if self._started < self.load.users:
                await asyncio.sleep(_SPAWN_TICK)

    def _start_user(self, network: Network, tickets: Tickets) -> None:
        chance = random.Random(self._chance.random())
        user = User(Agent(network), chance, self.stats, tickets.for_user(), self._http.keep_cookies)
        task = asyncio.create_task(user.run())
        self._users.add(task)
        self._started += 1

    async def _all_done(self, spawner: asyncio.Task[None]) -> None:
        await spawner
        # A user that dies of a fault of ours must end the run loudly.
        await asyncio.gather(*self._users)

    async def _drain(self, done: asyncio.Task[None]) -> None:
        forced = asyncio.create_task(self.stop.forced())
        try:
            await asyncio.wait(
                [done, forced],
                timeout=self.load.graceful_stop,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            forced.cancel()
        if done.done():
            done.result()

    async def _tick(self) -> None:
        while True:
            second = len(self.stats.seconds) + 1
            await asyncio.sleep(max(0.0, second - self.stats.elapsed()))
            if self.stats.elapsed() >= second:
                self._end_second(second)
            self._watch_plugins()

    def _end_second(self, second: int) -> None:
        lag = self.health.end_second(None)
        alive = sum(view.pid is not None for view in self.plugins.snapshots())
        self.stats.end_second(second, alive, lag)

    def _end_seconds(self) -> None:
        # The last, partial second holds requests too: the seconds add up to the whole.
        self._end_second(len(self.stats.seconds) + 1)

    def _watch_plugins(self) -> None:
        if self._stop_on_plugin_loss:
            for view in self.plugins.snapshots():
                if view.state == "given up":
                    self.stop.request("plugin")

    def _outcome(self) -> Outcome:
        return Outcome(
            snapshot=self.snapshot(),
            health=self.health.snapshot(),
            wire=replace(self.wire),
            stopped_by=self.stop.reason or "iterations",
            signal=self.stop.signal,
            never_started=self.load.users - self._started,
        )


async def run_load(
    cases: Sequence[Case],
    load: Load,
    *,
    http: HttpOptions | None = None,
    base_url: str | None = None,
    plugins: Plugins | None = None,
) -> Outcome:
    """Run cases under a load on the running loop and return what it came to.

    Raises CaseError for cases that cannot run and PluginStartError for their debugtalk.py.
    """
    run = Run(cases, load, http=http, base_url=base_url, plugins=plugins)
    await run.prepare()
    return await run.execute()


def names_of(cases: Sequence[Case]) -> list[str]:
    """Return one name per case as reports show it: its own, with the file where two are alike."""
    names = [str(case.config.name.value) for case in cases]
    return [
        f"{name} ({case.path})" if names.count(name) > 1 else name
        for name, case in zip(names, cases, strict=True)
    ]


def functions_of(case: Case, plugin: Plugin | None, chance: random.Random) -> Functions:
    """Return what the case's expressions may call."""
    names: Sequence[str] = tuple(plugin.functions) if plugin is not None else ()
    call = plugin.call if plugin is not None else _no_plugin
    return Functions(names, call, case.project, chance)


def _no_plugin(name: str, args: object = (), kwargs: object = None) -> asyncio.Future[object]:
    raise PluginStartError(f"{name} was called, but the project has no debugtalk.py")


@contextmanager
def _quiet_collector() -> Iterator[None]:
    """Keep the garbage collector from walking every user again and again.

    Requests make no cycles; what was there at the start is left out for good, and what users
    hold is walked rarely.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
