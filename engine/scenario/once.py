"""Run steps that are not part of each iteration: once per user, or once per run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any

from msgspec import Struct

from ..errors import StepFailed
from .failure_row import FailureRow
from .memory import Given
from .session import CompiledStep, Session

Row = tuple[str, str, str]


class OncePerUser(Struct, eq=False):
    """Runs a step until it has passed once for this user; after that it only gives its values.

    Its time is left out of the iteration and of open transactions.
    """

    step: CompiledStep
    gives: tuple[str, ...]

    async def run(self, session: Session) -> None:
        assert session.memory is not None
        given = session.memory.given.get(self)
        if given is None:
            given = await self._first(session)
        session.variables.update(given.values)

    async def _first(self, session: Session) -> Given:
        memory = session.memory
        assert memory is not None
        before, began_at = dict(session.sockets), perf_counter()
        try:
            await self.step.run(session)
        finally:
            session.leave_out(perf_counter() - began_at)
        opened = {key: one for key, one in session.sockets.items() if before.get(key) is not one}
        given = memory.given[self] = Given(values_of(self.gives, session), opened)
        memory.cookies = session.agent.copy_of_cookies()
        return given


class OnceStep(Struct, frozen=True):
    """A step that runs once per run, with its name as written."""

    name: str
    step: CompiledStep


class OnceFailure(Struct, frozen=True):
    """A step that runs once per run, and why it failed."""

    step: str
    failure: StepFailed


class OnceSteps(Struct, frozen=True):
    """The steps of a case that run once per run: `before` the load and `after` it.

    `gives` are the names of what the steps before the load extract. `rows` says of each row of
    the report that belongs to a once step when it runs.
    """

    before: Sequence[OnceStep]
    after: Sequence[OnceStep]
    gives: tuple[str, ...]
    rows: Mapping[Row, str]
    own: FailureRow

    async def set_up(self, session: Session) -> OnceFailure | None:
        """Run the steps before the load; return the failure that ended them."""
        async with self._connections(session):
            for one in self.before:
                if (failure := await self._run(one, session)) is not None:
                    return failure
        return None

    async def clean_up(self, session: Session) -> list[OnceFailure]:
        """Run all steps after the load, whatever happens to each; return the failures."""
        async with self._connections(session):
            ends = [await self._run(one, session) for one in self.after]
        return [failure for failure in ends if failure is not None]

    async def _run(self, one: OnceStep, session: Session) -> OnceFailure | None:
        try:
            await one.step.run(session)
        except StepFailed as failure:
            return OnceFailure(one.name, failure)
        except Exception as error:  # the last net, as in Scenario.iterate
            return OnceFailure(one.name, self.own.failed(error))
        return None

    @asynccontextmanager
    async def _connections(self, session: Session) -> AsyncIterator[None]:
        """Close the websockets that the body opens."""
        try:
            yield
        except asyncio.CancelledError:
            session.drop_sockets()
            raise
        await session.hang_up()


def values_of(names: Sequence[str], session: Session) -> dict[str, Any]:
    """Return the variables of these names, as far as they are set."""
    variables = session.variables
    return {name: variables[name] for name in names if name in variables}
