"""Start the users of a load, and know those that run an iteration."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from msgspec import Struct

from ..scenario.session import Session
from ..stop import Stop
from .tickets import Tickets
from .user import Habits, User

AnyUser = TypeVar("AnyUser", bound=User)

# Seconds between two looks at how many users are wanted, at most.
TICK = 0.05


class Crew(Struct, frozen=True):
    """The parts that every driver works with."""

    make_session: Callable[[], Session]
    habits: Habits
    tickets: Tickets
    stop: Stop


class Driver(Generic[AnyUser]):
    """Starts the tasks of users; `tasks` are those that have not ended, with their users."""

    def __init__(self, crew: Crew) -> None:
        self._make_session = crew.make_session
        self._habits = crew.habits
        self._tickets = crew.tickets
        self._stop = crew.stop
        self._stats = crew.habits.stats
        self._gate = crew.habits.gate
        self._failure: BaseException | None = None
        self._idle = asyncio.Event()
        self.tasks: dict[asyncio.Task[None], AnyUser] = {}
        self.started = 0

    async def drive(self, began_at: float) -> None:
        """Start users until no iteration may start any more, and wait until all have ended.

        The load began at `began_at` (perf_counter).
        """
        raise NotImplementedError

    def add_users(self, number: int) -> None:
        """Change the number of users by hand; an open load ignores it."""

    def finish_starts(self) -> None:
        """Start, or drop as late, what was due before the duration ended."""

    def cut(self) -> None:
        """Cut the iterations that run without a task."""

    async def hang_up(self) -> None:
        """Close the websockets that users without a task have kept."""

    def close(self) -> None:
        """Close the connections of users without a task."""

    @property
    def _is_busy(self) -> bool:
        """Whether an iteration runs."""
        return bool(self.tasks)

    async def _all_ended(self) -> None:
        # Not gather: `finish_starts` may add tasks while this waits.
        while self._is_busy:
            self._idle.clear()
            await self._idle.wait()
        # An exception in a user is a fault of boomtalk: it must end the run and be seen.
        if self._failure is not None:
            raise self._failure

    def _employ(self, user: AnyUser, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks[task] = user
        task.add_done_callback(self._ended)

    def _let_go(self, user: AnyUser) -> None:
        """Note that the user has ended, or was sent away."""
        raise NotImplementedError

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._let_go(self.tasks.pop(task))
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failure = self._failure or error
            self._stop.request("error")
        if not self._is_busy:
            self._idle.set()
