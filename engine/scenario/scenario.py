"""Run a compiled case again and again."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from msgspec import Struct, field

from ..errors import CaseError, Place, Problem, StepFailed, failure_of
from ..measure.series import TransactionSeries
from ..values.rows import Parameters, Rows, RowsExhausted
from ..values.variables import Variables
from .context import CompileContext
from .failure_row import FailureRow
from .once import OnceFailure, OncePerUser, OnceSteps, values_of
from .plain_step import PlainRequest
from .session import CompiledStep, Session
from .titles import Title
from .walk import Again, Walk, plain_of


class RowUse(Struct, frozen=True):
    """Counts how often each row of one parameter group of a case was used."""

    case: str
    names: tuple[str, ...]
    used: tuple[int, ...]


class Scenario(Struct):
    """One case, ready to run. Await `prepare` once, before the first iteration.

    `config` is evaluated once per run, as in HttpRunner: a random value in it is the same for
    all users. `environment` overrides it, `fixed` overrides both. Each iteration gets a
    parameter row; with `keeps_rows` each user gets one for all its iterations. `rows` is None
    if the case has no parameters. `title` is the name that a functional run shows.

    `steps` are those of a user's first iteration. When all steps `of_user` have passed for it,
    `later_steps` are the others. Users of a case that `remembers` keep what such steps, also in
    references, gave them. `once` holds the steps before and after all iterations.
    """

    name: str
    title: Title
    place: Place
    weight: int | None
    steps: Sequence[CompiledStep]
    of_user: Sequence[OncePerUser]
    later_steps: Sequence[CompiledStep]
    remembers: bool
    once: OnceSteps
    config: Variables
    environment: Mapping[str, Any]
    fixed: Mapping[str, Any]
    parameters: Parameters | None
    keeps_rows: bool
    context: CompileContext
    export: tuple[str, ...]
    case_timeout: float | None
    row_failures: FailureRow
    socket_failures: FailureRow
    own_failures: FailureRow
    action: TransactionSeries
    transactions: Mapping[str, TransactionSeries]
    awaits_nothing: bool
    plugin_functions: frozenset[str]
    rows: Rows | None = None
    plain: Sequence[PlainRequest] | None = None
    later_plain: Sequence[PlainRequest] | None = None
    base: dict[str, Any] = field(default_factory=dict)
    _dealt: deque[Mapping[str, Any]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.plain = plain_of(self.steps)
        self.later_plain = plain_of(self.later_steps)

    async def prepare(self) -> None:
        """Evaluate the config, and make the parameter rows; raises CaseError if that fails."""
        try:
            values = await self.config.evaluate({})
            self.base = {**values, **self.environment, **self.fixed}
            if self.parameters is not None and self.parameters.groups:
                recycles = self.context.settings.recycle_rows
                rows = await self.parameters.rows(self.base, recycles=recycles)
                self.rows = rows.share(*self.context.settings.share)
                self._check_kept_rows(self.rows)
        except CaseError:
            raise
        except Exception as error:
            raise CaseError([Problem(self.place, failure_of(error).message)]) from error

    def _check_kept_rows(self, rows: Rows) -> None:
        if self.keeps_rows and rows.most is not None and rows.most < self.context.users:
            what = f"{rows.most} unique rows cannot be kept by {self.context.users} users"
            hint = "give more rows, or --on-data-end recycle"
            raise CaseError([Problem(rows.groups[0].group.rows.place, what, hint)])

    def deal(self) -> bool:
        """Take the row for the next iteration; returns False if none is left.

        The row is taken before the iteration starts, so that a load without rows starts no
        iteration in vain.
        """
        if self.rows is not None and not self.keeps_rows:
            try:
                self.offer(self.rows.next_row())
            except RowsExhausted:
                return False
        return True

    def offer(self, row: Mapping[str, Any]) -> None:
        """Give this row to the next iteration."""
        self._dealt.append(row)

    async def set_up(self, session: Session) -> OnceFailure | None:
        """Run the `once: run` steps; what they extract becomes a variable of each iteration."""
        session.variables = self.base.copy()
        failure = await self.once.set_up(session)
        self.base |= values_of(self.once.gives, session)
        return failure

    @property
    def once_values(self) -> dict[str, Any]:
        """Return what the `once: run` steps extracted."""
        return {name: self.base[name] for name in self.once.gives if name in self.base}

    async def clean_up(self, session: Session) -> list[OnceFailure]:
        """Run the `once: end` steps; return those that failed."""
        session.variables = self.base.copy()
        return await self.once.clean_up(session)

    def walk(self, session: Session) -> Walk | None:
        """Begin an iteration that is a walk through plain steps; returns None if it is not."""
        if self.plain is None or self.remembers or self.keeps_rows:
            return None
        self.renew(session)
        return Walk(self.plain, session)

    async def finish(self, walk: Walk) -> None:
        """Run what is left of a walk that was started; raises StepFailed as `iterate` does."""
        try:
            await walk.finish()
        except StepFailed:
            raise
        except Exception as error:
            raise self.own_failures.failed(error)  # noqa: B904

    async def iterate(self, session: Session, again: Again = bool) -> None:
        """Run all steps once; raises StepFailed at the first step that fails.

        A case of plain steps alone is run on for as long as `again` ends an iteration and begins
        the next one: it returns False if it did not.
        """
        self.renew(session)
        steps, plain = self.steps, self.plain
        if self.remembers and self._knows_all(session):
            steps, plain = self.later_steps, self.later_plain
            # What a closed connection gave is looked for in the next call, not behind a walk.
            again = bool if session.keeps_sockets else again
        try:
            if plain is not None:
                await Walk(plain, session, again).run()
                return
            # As `run_steps` does; its coroutine would cost each request.
            for step in steps:
                await step.run(session)
                if session.ready_at is not None:
                    session.ready_at = perf_counter()
        except asyncio.CancelledError:
            session.drop_sockets()
            raise
        except StepFailed:
            raise
        except Exception:
            # The last net. Steps count what fails in them; anything else is a fault of boomtalk,
            # and costs this iteration, not the run.
            with self.own_failures.counting():
                raise
        finally:
            # A connection belongs to one iteration, also if that failed.
            if session.sockets:
                with self.socket_failures.counting():
                    await session.hang_up()

    def renew(self, session: Session) -> None:
        """Give the session the variables of an iteration that begins; raises StepFailed."""
        if self.rows is None and not self._dealt:
            session.variables = self.base.copy()
        else:
            session.variables = {**self.base, **self._row(session)}
        if self.remembers:
            given = session.recall(self.name).given
            for step in self.of_user:
                if step in given:
                    session.variables.update(given[step].values)

    def _knows_all(self, session: Session) -> bool:
        """Return whether the user has what all `once: user` steps of the case give."""
        assert session.memory is not None
        return all(step in session.memory.given for step in self.of_user)

    def row_uses(self) -> list[RowUse]:
        """Return for each parameter group how often each of its rows was used so far."""
        groups = self.rows.groups if self.rows is not None else ()
        return [RowUse(self.name, one.group.names, tuple(one.used)) for one in groups]

    def _row(self, session: Session) -> Mapping[str, Any]:
        if self._dealt:
            return self._dealt.popleft()
        if self.rows is None or not self.keeps_rows:
            return {}
        if self.name not in session.kept_rows:
            with self.row_failures.counting():
                session.kept_rows[self.name] = _row_to_keep(self.rows)
        return session.kept_rows[self.name]

    def end(self, session: Session, passed: bool | None) -> float:
        """End all open transactions at the moment that is returned (perf_counter).

        `passed` is None if the end of the run cut the iteration.
        """
        now = perf_counter()
        if session.transactions:
            for name, started_at in session.transactions.items():
                self.transactions[name].add(started_at, now, passed)
            session.transactions.clear()
        began_at = session.started_at
        if self.remembers:
            began_at, session.memory = session.counts_from, None
        self.action.add(began_at, now, passed)
        return now


def _row_to_keep(rows: Rows) -> Mapping[str, Any]:
    # Only this user fails, the load does not end: users that have a row go on.
    try:
        return rows.next_row()
    except RowsExhausted as error:
        raise StepFailed("other", str(error), "data") from error
