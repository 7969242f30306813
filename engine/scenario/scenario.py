"""A compiled case: what a user runs again and again."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from ..errors import CaseError, Place, Problem, failure_of
from ..measure.stats import TransactionSeries
from ..values.rows import Parameters, Rows, RowsExhausted
from ..values.variables import Variables
from .session import CompiledStep, Session


@dataclass(slots=True)
class Scenario:
    """One case, ready to run. `prepare` is awaited once, before the first iteration.

    `config` is evaluated once per run (HttpRunner does so: a random value there is the same for
    all users); `environment` wins over it, `fixed` over both. An iteration takes the parameter
    row that was dealt for it; `rows` is None for a case without parameters.
    """

    name: str
    place: Place
    weight: int | None
    steps: Sequence[CompiledStep]
    config: Variables
    environment: Mapping[str, Any]
    fixed: Mapping[str, Any]
    parameters: Parameters | None
    export: tuple[str, ...]
    case_timeout: float | None
    action: TransactionSeries
    transactions: Mapping[str, TransactionSeries]
    awaits_nothing: bool
    plugin_functions: frozenset[str]
    rows: Rows | None = None
    base: dict[str, Any] = field(default_factory=dict)
    _dealt: deque[Mapping[str, Any]] = field(default_factory=deque)

    async def prepare(self) -> None:
        """Evaluate the config and make the rows; raises CaseError if an expression fails."""
        try:
            values = await self.config.evaluate({})
            self.base = {**values, **self.environment, **self.fixed}
            if self.parameters is not None and self.parameters.groups:
                self.rows = await self.parameters.rows(self.base)
        except CaseError:
            raise
        except Exception as error:
            what = f"config: {failure_of(error).message}"
            raise CaseError([Problem(self.place, what)]) from error

    def deal(self) -> bool:
        """Deal the row of the next iteration; False when there is none left."""
        if self.rows is not None:
            try:
                self.offer(self.rows.next_row())
            except RowsExhausted:
                return False
        return True

    def offer(self, row: Mapping[str, Any]) -> None:
        """Give the next iteration this row."""
        self._dealt.append(row)

    async def iterate(self, session: Session) -> None:
        """Run all steps once; raises StepFailed from the first step that fails."""
        session.variables = dict(self.base)
        if self._dealt:
            session.variables.update(self._dealt.popleft())
        try:
            for step in self.steps:
                await step.run(session)
                if session.ready_at is not None:
                    session.ready_at = perf_counter()
        except asyncio.CancelledError:
            session.drop_sockets()
            raise
        finally:
            if session.sockets:
                await session.hang_up()

    def end(self, session: Session, passed: bool | None) -> None:
        """Close what is still open: passed, failed, or (None) cut by the end of the run."""
        now = perf_counter()
        for name, started_at in session.transactions.items():
            self.transactions[name].add(started_at, now, passed)
        session.transactions.clear()
        self.action.add(session.started_at, now, passed)
