"""Start users: a closed load keeps a number of them active, an open one starts them on schedule."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from time import perf_counter
from typing import Any

from ..measure.stats import Stats
from ..stop import Stop
from .gate import Gate
from .shape import ArrivalRate, Ramp, Stages
from .tickets import Tickets
from .user import User

_TICK = 0.05
# A start this late measures the generator, not the target, so it is dropped.
_TOO_LATE = 0.1
# uvloop's timers count whole milliseconds: a shorter sleep would return at once and spin.
_SHORTEST_SLEEP = 0.001


@dataclass(frozen=True, slots=True)
class Crew:
    """The parts that every driver works with."""

    make_user: Callable[[], User]
    tickets: Tickets
    stop: Stop
    stats: Stats
    gate: Gate


class Driver:
    """Starts the tasks of users; `tasks` are those that have not ended, with their users."""

    def __init__(self, crew: Crew) -> None:
        self._make_user = crew.make_user
        self._tickets = crew.tickets
        self._stop = crew.stop
        self._stats = crew.stats
        self._gate = crew.gate
        self._failure: BaseException | None = None
        self._idle = asyncio.Event()
        self.tasks: dict[asyncio.Task[None], User] = {}
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

    async def hang_up(self) -> None:
        """Close the websockets that users without a task have kept."""

    def close(self) -> None:
        """Close the connections of users without a task."""

    async def _all_ended(self) -> None:
        # Not gather: `finish_starts` may add tasks while this waits.
        while self.tasks:
            self._idle.clear()
            await self._idle.wait()
        # An exception in a user is a fault of boomtalk: it must end the run and be seen.
        if self._failure is not None:
            raise self._failure

    def _begin(self, user: User, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self.tasks[task] = user
        task.add_done_callback(self._ended)

    def _let_go(self, user: User) -> None:
        """Note that the user has ended, or was sent away."""
        raise NotImplementedError

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._let_go(self.tasks.pop(task))
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failure = self._failure or error
            self._stop.request("error")
        if not self.tasks:
            self._idle.set()


class ClosedDriver(Driver):
    """Keeps as many users active as the shape wants; surplus ones finish their iteration first."""

    def __init__(self, shape: Ramp | Stages, crew: Crew) -> None:
        super().__init__(crew)
        self._shape = shape
        self._at_work: dict[User, None] = {}  # a set that keeps the order of their start
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
            await asyncio.sleep(_TICK)
            return
        # All users of a ramp have started, so the end of the last one ends the load. The tick is
        # still needed, because a key press may add users until then.
        with suppress(TimeoutError):
            async with asyncio.timeout(_TICK):
                await self._all_ended()

    def add_users(self, number: int) -> None:
        """Change the number of users by `number`; a negative one removes users."""
        self._extra += number

    def _adjust(self, wanted: int) -> None:
        # A user of a ramp that has done its loops still counts, so that it is not replaced.
        is_ramp = isinstance(self._shape, Ramp)
        working = self.started - self._sent_away if is_ramp else len(self._at_work)
        for _ in range(wanted - working):
            user = self._make_user()
            self._at_work[user] = None
            self._begin(user, user.run(self._tickets.for_user()))
            self.started += 1
        for user in list(self._at_work)[wanted:] if working > wanted else ():
            user.leave()
            self._sent_away += 1
            self._let_go(user)

    def _let_go(self, user: User) -> None:
        self._at_work.pop(user, None)


class OpenDriver(Driver):
    """Starts each iteration when it is due; if no user is free, the iteration is dropped."""

    def __init__(self, shape: ArrivalRate, seconds: float | None, crew: Crew) -> None:
        super().__init__(crew)
        self._shape = shape
        self._dues = shape.due_times(seconds)
        self._next = next(self._dues, inf)
        self._began_at = inf
        self._free: list[User] = []

    async def drive(self, began_at: float) -> None:
        self._began_at = began_at
        while self._next < inf and not self._tickets.are_gone:
            now = perf_counter()
            self._start_due(now)
            wait = self._began_at + self._next - now
            await asyncio.sleep(min(_TICK, max(wait, _SHORTEST_SLEEP)))
            # A pause moves all later due times, so no start is late because of it.
            self._began_at += await self._gate.passed()
        if self._stop.is_requested:
            self._drop_late()
        await self._all_ended()

    def finish_starts(self) -> None:
        if self._gate.is_open:
            self._start_due(perf_counter())

    async def hang_up(self) -> None:
        await asyncio.gather(*(user.hang_up() for user in self._free))

    def close(self) -> None:
        for user in self._free:
            user.close()

    def _start_due(self, now: float) -> None:
        while self._began_at + self._next <= now and not self._tickets.are_gone:
            self._start(self._began_at + self._next)
            self._next = next(self._dues, inf)

    def _drop_late(self) -> None:
        # These were due while the generator stalled, before the stop was requested.
        while perf_counter() - self._began_at - self._next > _TOO_LATE:
            self._stats.iterations.late += 1
            self._next = next(self._dues, inf)

    def _start(self, due_at: float) -> None:
        iterations = self._stats.iterations
        if perf_counter() - due_at > _TOO_LATE:
            iterations.late += 1
            return
        # The user first and the ticket second: a dropped start must not use up an iteration.
        user = self._free_user()
        if user is None:
            iterations.no_user += 1
            return
        if (scenario := self._tickets.take()) is None:
            self._free.append(user)
            return
        self._begin(user, user.run_once(scenario, due_at))

    def _let_go(self, user: User) -> None:
        self._free.append(user)

    def _free_user(self) -> User | None:
        # The last one that became free: its connection is the least likely to be closed by now.
        if self._free:
            return self._free.pop()
        if self.started >= self._shape.max_users:
            return None
        self.started += 1
        return self._make_user()
