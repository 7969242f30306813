"""Start each iteration when it is due, whether or not those before it have ended."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from math import inf
from time import perf_counter
from typing import Any, Protocol

from ..errors import StepFailed
from ..scenario.scenario import Scenario
from ..scenario.session import Session
from ..scenario.walk import Walk
from .driver import TICK, Crew, Driver
from .shape import ArrivalRate
from .user import Habits, User

# A start this late measures the generator, not the target, so it is dropped.
_TOO_LATE = 0.1
# uvloop's timers count whole milliseconds: a shorter sleep would return at once and spin.
_SHORTEST_SLEEP = 0.001


class Employer(Protocol):
    """Is told how the iterations that it started go on."""

    def ended(self, user: OpenUser, /) -> None:
        """Note that the iteration of this user has ended."""

    def needs_task(self, user: OpenUser, rest: Coroutine[Any, Any, None], /) -> None:
        """Run what is left of the iteration of this user in a task."""


class OpenUser(User):
    """A user that runs single iterations, each one when it is started.

    An iteration whose steps are plain needs no task while it only waits for responses: a task
    costs more than all else that such an iteration does. The walk calls `set_result` when it is
    over, or needs a task for the rest: a connection, or a redirect.
    """

    __slots__ = ("_employer", "_is_alone", "_is_running", "_scenario", "_walk")

    def __init__(self, session: Session, habits: Habits, employer: Employer) -> None:
        super().__init__(session, habits)
        self._employer = employer
        self._is_running = self._is_alone = False
        # Those of the last iteration; a walk that is over can be started again.
        self._scenario: Scenario | None = None
        self._walk: Walk | None = None

    def start(self, scenario: Scenario, due_at: float, now: float) -> None:
        """Start one iteration now, which was due at `due_at` (both by perf_counter)."""
        self._stats.user_started()
        self._is_running = True
        self._session.ready_at = due_at
        self._begin(now)
        walk = self._walk
        if walk is None or scenario is not self._scenario:
            self._scenario = scenario
            self._walk = walk = scenario.walk(self._session)
        else:
            scenario.renew(self._session)
        if walk is None:
            self._employer.needs_task(self, self._go_on(scenario, None))
        else:
            self._is_alone = True
            walk.start(self)

    def done(self) -> bool:
        """Whether the walk has called, or was cut."""
        return not self._is_alone

    def set_result(self, _: None) -> None:
        """Note that the walk is over, or needs a task; called by it."""
        scenario, walk = self._scenario, self._walk
        assert scenario is not None
        assert walk is not None
        self._is_alone = False
        if (passed := walk.is_over) or walk.drop_failure():
            self._settle(scenario, passed)
            self._employer.ended(self)
        else:
            self._employer.needs_task(self, self._go_on(scenario, walk))

    def cut(self) -> None:
        """Cut the iteration, if one runs and has no task that does it."""
        self._is_alone = False
        if self._is_running:
            assert self._scenario is not None
            if self._walk is not None:
                self._walk.cut()
            self._settle(self._scenario, None)

    async def _go_on(self, scenario: Scenario, walk: Walk | None) -> None:
        try:
            await (scenario.iterate(self._session) if walk is None else scenario.finish(walk))
        except asyncio.CancelledError:
            self._settle(scenario, None)
            raise
        except StepFailed:
            self._settle(scenario, False)
        else:
            self._settle(scenario, True)

    def _settle(self, scenario: Scenario, passed: bool | None) -> None:
        self._is_running = False
        if not passed:
            self._walk = None
        self._end(scenario, passed)
        self._stats.user_ended()


class OpenDriver(Driver[OpenUser]):
    """Starts each iteration when it is due; if no user is free, the iteration is dropped."""

    def __init__(self, shape: ArrivalRate, seconds: float | None, crew: Crew) -> None:
        super().__init__(crew)
        self._shape = shape
        self._dues = shape.due_times(seconds)
        self._next = next(self._dues, inf)
        self._began_at = inf
        # The last one goes first: its connection is the least likely to be closed by now.
        self._free: list[OpenUser] = []
        self._users: list[OpenUser] = []
        self._held: asyncio.Future[None]
        self._timer: asyncio.TimerHandle | None = None

    async def drive(self, began_at: float) -> None:
        self._began_at = began_at
        while self._may_start:
            await self._start_until_held()
            # A pause moves all later due times, so no start is late because of it.
            self._began_at += await self._gate.passed()
        if self._stop.is_requested:
            self._drop_late()
        await self._all_ended()

    def finish_starts(self) -> None:
        if self._gate.is_open:
            self._start_due(perf_counter())

    def cut(self) -> None:
        for user in self._users:
            if not user.done():
                self._let_go(user)
        self._idle.set()

    async def hang_up(self) -> None:
        await asyncio.gather(*(user.hang_up() for user in self._free))

    def close(self) -> None:
        for user in self._free:
            user.close()

    def ended(self, user: OpenUser) -> None:
        self._free.append(user)
        if len(self._free) == self.started:
            self._idle.set()

    def needs_task(self, user: OpenUser, rest: Coroutine[Any, Any, None]) -> None:
        self._employ(user, rest)

    @property
    def _is_busy(self) -> bool:
        return len(self._free) < self.started

    @property
    def _may_start(self) -> bool:
        return self._next < inf and not self._tickets.are_gone

    async def _start_until_held(self) -> None:
        """Start what is due, again and again, until the run is paused or nothing may start."""
        self._held = asyncio.get_running_loop().create_future()
        self._tick()
        try:
            await self._held
        finally:
            if self._timer is not None:
                self._timer.cancel()

    def _tick(self) -> None:
        # A timer and not a task that sleeps: each tick of a task costs as much as a start.
        try:
            if self._may_start and self._gate.is_open:
                now = perf_counter()
                self._start_due(now)
                wait = self._began_at + self._next - now
                sleep = min(TICK, max(wait, _SHORTEST_SLEEP))
                self._timer = self._held.get_loop().call_later(sleep, self._tick)
            else:
                self._held.set_result(None)
        except Exception as error:  # a fault of boomtalk must end the run
            self._held.set_exception(error)

    def _start_due(self, now: float) -> None:
        """Start, or drop, each iteration that is due, as long as there are any."""
        free, take = self._free, self._tickets.take
        while (due_at := self._began_at + self._next) <= now:
            at = perf_counter()
            is_late = at - due_at > _TOO_LATE
            # The user first and the ticket second: a dropped start must not use up an iteration.
            if is_late or (user := free.pop() if free else self._new_user()) is None:
                if self._tickets.are_gone:
                    return
                self._drop(is_late)
            elif (scenario := take()) is None:
                free.append(user)
                return
            else:
                user.start(scenario, due_at, at)
            self._next = next(self._dues, inf)

    def _drop_late(self) -> None:
        # These were due while the generator stalled, before the stop was requested.
        while perf_counter() - self._began_at - self._next > _TOO_LATE:
            self._stats.iterations.late += 1
            self._next = next(self._dues, inf)

    def _drop(self, is_late: bool) -> None:
        if is_late:
            self._stats.iterations.late += 1
        else:
            self._stats.iterations.no_user += 1

    def _let_go(self, user: OpenUser) -> None:
        user.cut()  # a task that is cancelled before its first turn has not run a line
        self._free.append(user)

    def _new_user(self) -> OpenUser | None:
        """Return another user, None if there are as many as there may be."""
        if self.started >= self._shape.max_users:
            return None
        self.started += 1
        user = OpenUser(self._make_session(), self._habits, self)
        self._users.append(user)
        return user
