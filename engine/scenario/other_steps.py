"""The steps that send nothing themselves: references, transactions, pauses, repetitions."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol

from ..case.model import ThinkTimeRule
from ..errors import StepFailed
from ..measure.stats import TransactionSeries
from ..values.expressions import Template
from ..values.variables import Variables
from .session import Session


class CompiledStep(Protocol):
    """Runs one step of one iteration; raises StepFailed after it has been counted."""

    async def run(self, session: Session) -> None: ...


@dataclass(slots=True)
class Reference:
    """Runs another case's steps in a scope of their own and takes back what is exported.

    The parent's variables win over the child's config (HttpRunner does so, base_url included).
    """

    variables: Variables
    child_config: Variables
    child_environment: dict[str, Any]
    steps: Sequence[CompiledStep]
    export: tuple[str, ...]

    async def run(self, session: Session) -> None:
        scope = await self.variables.evaluate(session.variables)
        config = await self.child_config.evaluate({})
        child = session.child({**config, **self.child_environment, **scope})
        for step in self.steps:
            await step.run(child)
            if child.ready_at is not None:
                child.ready_at = perf_counter()
        for name in self.export:
            session.variables[name] = child.variables.get(name)


@dataclass(slots=True)
class TransactionStart:
    name: str

    async def run(self, session: Session) -> None:
        session.transactions[self.name] = perf_counter()


@dataclass(slots=True)
class TransactionEnd:
    """Ends a transaction; one that was never started counts from the iteration's start."""

    name: str
    series: TransactionSeries

    async def run(self, session: Session) -> None:
        started_at = session.transactions.pop(self.name, session.started_at)
        self.series.add(started_at, perf_counter(), passed=True)


@dataclass(slots=True)
class ThinkTime:
    """A pause of the user; `time` yields the written seconds, `rule` turns them into real ones."""

    time: Template
    rule: ThinkTimeRule

    async def run(self, session: Session) -> None:
        written = self.time.value if self.time.constant else await _render(self.time, session)
        try:
            seconds = think_seconds(self.rule, float(written), session.random)
        except (TypeError, ValueError) as error:
            message = f"think time is not a number: {written!r}"
            raise StepFailed("template", message, "think_time") from error
        await asyncio.sleep(seconds)


@dataclass(slots=True)
class Repeated:
    """Runs a step several times; the first repetition that fails ends it."""

    step: CompiledStep
    times: Template

    async def run(self, session: Session) -> None:
        times = self.times.value if self.times.constant else await _render(self.times, session)
        for _ in range(max(1, int(times))):
            await self.step.run(session)


def think_seconds(rule: ThinkTimeRule, written: float, chance: random.Random) -> float:
    """Return the real pause in seconds for a written one."""
    strategies: dict[str, Callable[[], float]] = {
        "default": lambda: written,
        "ignore": lambda: 0.0,
        "multiply": lambda: written * rule.factor,
        "random_percentage": lambda: chance.uniform(written * rule.low, written * rule.high),
    }
    seconds = max(0.0, strategies[rule.strategy]())
    return seconds if rule.limit is None else min(seconds, rule.limit)


async def _render(template: Template, session: Session) -> Any:
    if template.awaits:
        return await template.render_async(session.variables)
    return template.render(session.variables)
