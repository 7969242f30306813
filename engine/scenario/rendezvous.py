"""Meeting points: users wait for each other, so that what follows comes from all at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from ..case.model import RendezvousStep
from ..measure.stats import Stats
from .session import Session


@dataclass(slots=True)
class Meeting:
    """Lets users through in groups of `number`; shared by all users of a case.

    Users pass freely until all `users` of the load have been started. If nobody arrives for
    `timeout` seconds, those who wait go on.
    """

    users: int
    number: int
    timeout: float
    stats: Stats
    _arrived: int = 0
    _gate: asyncio.Event = field(default_factory=asyncio.Event)
    _timer: asyncio.TimerHandle | None = None

    async def arrive(self) -> None:
        """Return when the group is complete."""
        if self.number <= 1 or self.stats.peak_users < self.users:
            return
        self._arrived += 1
        if self._arrived >= self.number:
            self._release()
            return
        self._restart_timer()
        gate = self._gate
        try:
            await gate.wait()
        except asyncio.CancelledError:
            if gate is self._gate:
                self._arrived -= 1
            raise

    def _restart_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self.timeout, self._release)

    def _release(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        gate, self._gate = self._gate, asyncio.Event()
        self._arrived = 0
        gate.set()


@dataclass(frozen=True, slots=True)
class Rendezvous:
    """A step that waits at a meeting point; without one (a functional run) it does nothing."""

    meeting: Meeting | None

    async def run(self, session: Session) -> None:
        if self.meeting is not None:
            await self.meeting.arrive()


def group_size(step: RendezvousStep, users: int) -> int:
    """Return how many of the users meet: `number`, or that part of them, else all.

    Both at once, or a value out of range, means all (HttpRunner's rule).
    """
    number, percent = step.number or 0, step.percent or 0.0
    if number == 0 and 0 < percent <= 1:
        return int(percent * users)
    if 0 < number <= users and percent == 0:
        return number
    return users
