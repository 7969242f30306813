"""A compiled case: what a user runs again and again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from ..measure.stats import TransactionSeries
from ..values.variables import Variables
from .other_steps import CompiledStep
from .session import Session


@dataclass(slots=True)
class Scenario:
    """One case, ready to run. `prepare` is awaited once, before the first iteration.

    `config` is evaluated once per run (HttpRunner does so: a random value there is the same for
    all users); `environment` wins over it, `fixed` over both. `next_row` deals parameter rows.
    """

    name: str
    weight: int | None
    steps: Sequence[CompiledStep]
    config: Variables
    environment: Mapping[str, Any]
    fixed: Mapping[str, Any]
    action: TransactionSeries
    transactions: Mapping[str, TransactionSeries]
    awaits_nothing: bool
    next_row: Callable[[], Mapping[str, Any]] | None = None
    base: dict[str, Any] = field(default_factory=dict)

    async def prepare(self) -> None:
        """Evaluate the config; raises StepFailed if an expression of it fails."""
        values = await self.config.evaluate({})
        self.base = {**values, **self.environment, **self.fixed}

    async def iterate(self, session: Session) -> None:
        """Run all steps once; raises StepFailed from the first step that fails."""
        session.variables = dict(self.base)
        if self.next_row is not None:
            session.variables.update(self.next_row())
        for step in self.steps:
            await step.run(session)
            if session.ready_at is not None:
                session.ready_at = perf_counter()

    def end(self, session: Session, passed: bool | None) -> None:
        """Close what is still open: passed, failed, or (None) cut by the end of the run."""
        now = perf_counter()
        for name, started_at in session.transactions.items():
            self.transactions[name].add(started_at, now, passed)
        session.transactions.clear()
        self.action.add(session.started_at, now, passed)
