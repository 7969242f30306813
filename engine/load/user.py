"""One virtual user: its connections and session, and the account of its iterations."""

from __future__ import annotations

from msgspec import Struct, field

from ..measure.stats import Stats
from ..scenario.scenario import Scenario
from ..scenario.session import Session
from .gate import Gate
from .limiter import Limiter


class Habits(Struct, frozen=True):
    """The objects and settings that all users of a run share."""

    stats: Stats
    keep_cookies: bool = False
    iterations: Limiter | None = None
    gate: Gate = field(default_factory=Gate)


class User:
    """A virtual user with its own connections and session; it runs one iteration at a time."""

    __slots__ = ("_agent", "_iterations", "_keeps_cookies", "_session", "_stats")

    def __init__(self, session: Session, habits: Habits) -> None:
        self._session = session
        self._agent = session.agent
        self._stats = habits.stats
        self._iterations = habits.stats.iterations
        self._keeps_cookies = habits.keep_cookies

    async def hang_up(self) -> None:
        """Close the websockets that the user kept from one iteration to the next."""
        await self._session.leave()

    def close(self) -> None:
        self._session.drop_kept()
        self._agent.close()

    def _begin(self, at: float) -> None:
        """Begin an iteration at this moment (perf_counter)."""
        # Each is a new visitor; its connections stay open, unlike a browser's.
        agent = self._agent
        if not self._keeps_cookies:
            agent.jar = None
        agent.latency = None
        self._session.started_at = at
        self._iterations.started += 1

    def _pass(self, scenario: Scenario) -> None:
        """End an iteration that passed and begin the next one, as `_end` and `_begin` do.

        Their calls are a twentieth of an iteration of one request.
        """
        agent, iterations = self._agent, self._iterations
        iterations.completed += 1
        self._session.started_at = scenario.end(self._session, True)
        if not self._keeps_cookies:
            agent.jar = None
        agent.latency = None
        iterations.started += 1

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
