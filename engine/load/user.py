"""Run the iterations of one virtual user, and account for each."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from time import perf_counter

from ..errors import StepFailed
from ..http.agent import Agent
from ..measure.stats import Stats
from ..scenario.chance import Chance
from ..scenario.scenario import Scenario
from ..scenario.session import Session
from .gate import Gate
from .limiter import Limiter
from .tickets import Take

# The pause after an iteration that failed before anything was sent. Without it a target that is
# down, or a case that cannot build its request, would be tried thousands of times per second.
_PAUSE = 0.01


@dataclass(frozen=True, slots=True)
class Habits:
    """The objects and settings that all users of a run share."""

    stats: Stats
    keep_cookies: bool = False
    requests: Limiter | None = None
    iterations: Limiter | None = None
    gate: Gate = field(default_factory=Gate)


class User:
    """A virtual user with its own connections and session; it runs one iteration at a time."""

    __slots__ = (
        "_agent",
        "_following",
        "_habits",
        "_iterations",
        "_keeps_cookies",
        "_leaving",
        "_scenario",
        "_session",
        "_take",
    )

    def __init__(self, agent: Agent, chance: Chance, habits: Habits) -> None:
        self._agent = agent
        self._habits = habits
        self._iterations = habits.stats.iterations
        self._keeps_cookies = habits.keep_cookies
        self._leaving = False
        self._take: Take
        self._scenario: Scenario | None = None
        self._following: Scenario | None = None
        self._session = Session(agent, chance, limiter=habits.requests)

    def leave(self) -> None:
        """Ask the user to end after its current iteration."""
        self._leaving = True

    async def hang_up(self) -> None:
        """Close the websockets that the user kept from one iteration to the next."""
        await self._session.leave()

    def close(self) -> None:
        self._session.drop_kept()
        self._agent.close()

    async def run(self, take: Take) -> None:
        """Run iterations until `take` returns None or the user was asked to leave, then close."""
        stats, limiter, gate = self._habits.stats, self._habits.iterations, self._habits.gate
        session, again = self._session, self._again
        self._take = take
        stats.user_started()
        try:
            while not self._leaving or self._following is not None:
                if not gate.is_open:
                    await gate.passed()
                if limiter is not None:
                    await limiter.take()
                if (scenario := self._following or take()) is None:
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
        habits, scenario = self._habits, self._scenario
        if self._leaving or not habits.gate.is_open or habits.iterations is not None:
            return False
        following = self._take()
        if following is None or following is not scenario:
            self._following = following
            return False
        self._begin(self._end(scenario, True))
        scenario.renew(self._session)
        return True

    async def run_once(self, scenario: Scenario, due_at: float) -> None:
        """Run one iteration of an open load, which was due at `due_at` (perf_counter)."""
        stats = self._habits.stats
        stats.user_started()
        self._session.ready_at = due_at
        self._begin(perf_counter())
        try:
            await scenario.iterate(self._session)
        except asyncio.CancelledError:
            self._end(scenario, None)
            raise
        except StepFailed:
            self._end(scenario, False)
        else:
            self._end(scenario, True)
        finally:
            stats.user_ended()

    def _begin(self, at: float) -> None:
        """Begin an iteration at this moment (perf_counter)."""
        # Each is a new visitor; its connections stay open, unlike a browser's.
        if not self._keeps_cookies:
            self._agent.forget_cookies()
        self._agent.latency = None
        self._session.started_at = at
        self._iterations.started += 1

    def _end(self, scenario: Scenario, passed: bool | None) -> float:
        """End an iteration; `passed` is None if the end of the run cut it. Returns the moment."""
        iterations = self._iterations
        if passed:
            iterations.completed += 1
        elif passed is None:
            iterations.interrupted += 1
        else:
            iterations.failed += 1
        return scenario.end(self._session, passed)
