"""Keep a number of users active: each begins its next iteration when the one before it ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from time import perf_counter

from ..errors import StepFailed
from ..scenario.scenario import Scenario
from ..scenario.session import Session
from .driver import TICK, Crew, Driver
from .shape import Ramp, Stages
from .tickets import Take
from .user import Habits, User

# The pause after an iteration that failed before anything was sent. Without it a target that is
# down, or a case that cannot build its request, would be tried thousands of times per second.
_PAUSE = 0.01


class ClosedUser(User):
    """A user that runs iterations until `take` gives none, or until it was asked to leave."""

    __slots__ = ("_following", "_gate", "_leaving", "_limiter", "_scenario", "_take")

    def __init__(self, session: Session, habits: Habits, take: Take) -> None:
        super().__init__(session, habits)
        self._gate = habits.gate
        self._limiter = habits.iterations
        self._take = take
        self._leaving = False
        self._scenario: Scenario | None = None
        self._following: Scenario | None = None

    def leave(self) -> None:
        """Ask the user to end after its current iteration."""
        self._leaving = True

    async def run(self) -> None:
        """Run iterations, then close."""
        stats, limiter, gate = self._stats, self._limiter, self._gate
        session, again = self._session, self._again
        stats.user_started()
        try:
            while not self._leaving or self._following is not None:
                if not gate.is_open:
                    await gate.passed()
                if limiter is not None:
                    await limiter.take()
                if (scenario := self._following or self._take()) is None:
                    break
                self._scenario, self._following = scenario, None
                self._begin(perf_counter())
                try:
                    await scenario.iterate(session, again)
                except asyncio.CancelledError:
                    self._end(scenario, None)
                    raise
                except StepFailed:
                    self._end(scenario, False)
                    if self._agent.latency is None:
                        await asyncio.sleep(_PAUSE)
                else:
                    self._end(scenario, True)
                if scenario.awaits_nothing:  # else this user would never let others run
                    await asyncio.sleep(0)
            await self.hang_up()
        finally:
            self.close()
            stats.user_ended()

    def _again(self) -> bool:
        """End an iteration and begin the next one of the same case, if `run` need not do it."""
        scenario = self._scenario
        if self._leaving or not self._gate.is_open or self._limiter is not None:
            return False
        following = self._take()
        if following is None or following is not scenario:
            self._following = following
            return False
        self._pass(scenario)
        scenario.renew(self._session)
        return True


class ClosedDriver(Driver[ClosedUser]):
    """Keeps as many users active as the shape wants; surplus ones finish their iteration first."""

    def __init__(self, shape: Ramp | Stages, crew: Crew) -> None:
        super().__init__(crew)
        self._shape = shape
        self._at_work: dict[ClosedUser, None] = {}  # a set that keeps the order of their start
        self._extra = 0
        self._sent_away = 0

    async def drive(self, began_at: float) -> None:
        while not self._tickets.are_gone:
            wanted = self._shape.users_wanted(perf_counter() - began_at) + self._extra
            self._stats.users_wanted = wanted = max(0, wanted)
            self._adjust(wanted)
            if self._is_complete and not self.tasks:
                break
            await self._next_tick()
        await self._all_ended()

    @property
    def _is_complete(self) -> bool:
        """Return whether all users of a ramp were started; stages go on to their end."""
        return isinstance(self._shape, Ramp) and self.started >= self._shape.users

    async def _next_tick(self) -> None:
        if not self._is_complete:
            await asyncio.sleep(TICK)
            return
        # All users of a ramp have started, so the end of the last one ends the load. The tick is
        # still needed, because a key press may add users until then.
        with suppress(TimeoutError):
            async with asyncio.timeout(TICK):
                await self._all_ended()

    def add_users(self, number: int) -> None:
        """Change the number of users by `number`; a negative one removes users."""
        self._extra += number

    def _adjust(self, wanted: int) -> None:
        # A user of a ramp that has done its loops still counts, so that it is not replaced.
        is_ramp = isinstance(self._shape, Ramp)
        working = self.started - self._sent_away if is_ramp else len(self._at_work)
        for _ in range(wanted - working):
            user = ClosedUser(self._make_session(), self._habits, self._tickets.for_user())
            self._at_work[user] = None
            self._employ(user, user.run())
            self.started += 1
        for user in list(self._at_work)[wanted:] if working > wanted else ():
            user.leave()
            self._sent_away += 1
            self._let_go(user)

    def _let_go(self, user: ClosedUser) -> None:
        self._at_work.pop(user, None)
