"""One virtual user: runs iterations until there are no more, and accounts for each."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from time import perf_counter

from ..errors import StepFailed
from ..http.agent import Agent
from ..measure.stats import Stats
from ..scenario.scenario import Scenario
from ..scenario.session import Session


class User:
    """Owns an agent and a session. `take` hands out the next scenario, or None to leave."""

    __slots__ = ("_agent", "_keep_cookies", "_session", "_stats", "_take")

    def __init__(
        self,
        agent: Agent,
        chance: random.Random,
        stats: Stats,
        take: Callable[[], Scenario | None],
        keep_cookies: bool,
    ) -> None:
        self._agent = agent
        self._session = Session(agent, chance)
        self._stats = stats
        self._take = take
        self._keep_cookies = keep_cookies

    async def run(self) -> None:
        """Run iteration after iteration; a cancel ends the one under way as interrupted."""
        self._stats.user_started()
        try:
            while (scenario := self._take()) is not None:
                await self._iterate(scenario)
                if scenario.awaits_nothing:
                    await asyncio.sleep(0)
        finally:
            self._agent.close()
            self._stats.user_ended()

    async def _iterate(self, scenario: Scenario) -> None:
        session = self._session
        iterations = self._stats.iterations
        if not self._keep_cookies:
            self._agent.forget_cookies()
        session.started_at = perf_counter()
        iterations.started += 1
        try:
            await scenario.iterate(session)
        except StepFailed:
            iterations.failed += 1
            scenario.end(session, False)
        except asyncio.CancelledError:
            iterations.interrupted += 1
            scenario.end(session, None)
            raise
        else:
            iterations.completed += 1
            scenario.end(session, True)
