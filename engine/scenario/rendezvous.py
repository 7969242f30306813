"""Let users wait for each other at a meeting point, so that they send the next step at once."""

from __future__ import annotations

import asyncio

from msgspec import Struct, field

from ..case.model import RendezvousStep
from ..measure.stats import Stats
from .session import Session


class Meeting(Struct):
    """Lets users pass in groups of `number`; all users of a case share it.

    Users pass without waiting until all `users` of the load have started. If nobody arrives for
    `timeout` seconds, the waiting users go on.
    """

    users: int
    number: int
    timeout: float
    stats: Stats
    _arrived: int = 0
    _gate: asyncio.Event = field(default_factory=asyncio.Event)
    _timer: asyncio.TimerHandle | None = None

    async def arrive(self) -> None:
        """Wait until the group is complete, or its time is over."""
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
            if gate is self._gate:  # its group has not left, so it must not count this user
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


class Rendezvous(Struct, frozen=True):
    """Waits at a meeting point; without one, in a functional run, it does nothing."""

    meeting: Meeting | None

    async def run(self, session: Session) -> None:
        if self.meeting is not None:
            await self.meeting.arrive()


def group_size(step: RendezvousStep, users: int) -> int:
    """Return the size of a group: the step's `number`, or its `percent` of the users, else all.

    As in HttpRunner, all users meet if both are given or a value is out of range.
    """
    number, percent = step.number or 0, step.percent or 0.0
    if number == 0 and 0 < percent <= 1:
        return int(percent * users)
    if 0 < number <= users and percent == 0:
        return number
    return users
