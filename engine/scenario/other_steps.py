"""This module holds the steps that send nothing themselves: references, pauses, repetitions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from time import perf_counter
from typing import Any

from msgspec import Struct

from ..case.fields import means_no
from ..case.model import ThinkTimeRule
from ..errors import StepFailed
from ..measure.series import TransactionSeries
from ..values.expressions import Template
from ..values.numbers import finite, pause, times
from ..values.variables import Variables
from .chance import Chance
from .failure_row import FailureRow
from .session import CompiledStep, Session, run_steps
from .titles import Title


class Reference(Struct):
    """Runs the steps of another case in their own scope, and takes over the exported variables.

    The parent's variables, base_url included, win over the child's config, as in HttpRunner.
    """

    variables: Variables
    child_config: Variables
    child_environment: Mapping[str, Any]
    steps: Sequence[CompiledStep]
    export: tuple[str, ...]
    row: FailureRow
    # The child's config and environment if they are the same each time.
    known: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        config = self.child_config
        constant = config.evaluate_now({}) if config.is_constant else None
        self.known = None if constant is None else {**constant, **self.child_environment}

    async def run(self, session: Session) -> None:
        try:
            scope = session.variables
            if not self.variables.is_empty:
                scope = await self.variables.evaluate(scope)
            if (known := self.known) is None:
                known = {**await self.child_config.evaluate({}), **self.child_environment}
        except Exception as error:
            raise self.row.failed(error)  # noqa: B904 - see FailureRow
        # The parent's variables come last, so they override the child's environment, too.
        child = session.child({**known, **scope})
        await run_steps(self.steps, child)
        for name in self.export:
            session.variables[name] = child.variables.get(name)


class TransactionStart(Struct):
    name: str

    async def run(self, session: Session) -> None:
        session.transactions[self.name] = perf_counter()


class TransactionEnd(Struct):
    """Ends a transaction; if it was never started, it counts from the start of the iteration."""

    name: str
    series: TransactionSeries

    async def run(self, session: Session) -> None:
        started_at = session.transactions.pop(self.name, session.counts_from)
        self.series.add(started_at, perf_counter(), passed=True)


class ThinkTime(Struct):
    """Pauses the user. `time` gives the seconds in the case; `rule` turns them into real ones."""

    variables: Variables
    time: Template
    rule: ThinkTimeRule
    row: FailureRow

    async def run(self, session: Session) -> None:
        try:
            scope = session.variables
            if not self.variables.is_empty:
                scope = await self.variables.evaluate(scope)
            if session.journal is not None:
                await session.journal.name(scope)
            time = self.time
            value = await time.render_async(scope) if time.awaits else time.render(scope)
            written = _read(finite, value)
            seconds = _read(pause, think_seconds(self.rule, written, session.chance))
        except Exception as error:
            raise self.row.failed(error)  # noqa: B904 - see FailureRow
        await asyncio.sleep(seconds)


class Repeated(Struct):
    """Runs a step several times, at least once, and stops at the first failure.

    A functional run records each repetition as `<name>_loop_<number>`, as HttpRunner does.
    """

    step: CompiledStep
    variables: Variables
    times: Template
    row: FailureRow

    async def run(self, session: Session) -> None:
        with self.row.counting():
            most = int(_read(times, await _render(self.times, self.variables, session)))
        for number in range(1, most + 1):
            suffix = f"_loop_{number}" if most > 1 else ""
            with nullcontext() if session.journal is None else session.journal.suffixed(suffix):
                await run_steps((self.step,), session)


class Skipped(Struct):
    """Skips a step if `condition` is true, or a text, which is the reason for skipping.

    With `skips_if` False it skips the step if the condition is not true.
    """

    step: CompiledStep
    variables: Variables
    condition: Template
    row: FailureRow
    title: Title | None
    skips_if: bool = True

    async def run(self, session: Session) -> None:
        try:
            condition = await _render(self.condition, self.variables, session)
        except Exception as error:
            raise self.row.failed(error)  # noqa: B904 - see FailureRow
        if _is_true(condition) is not self.skips_if:
            await self.step.run(session)
        elif session.journal is not None and self.title is not None:
            session.journal.skip(await self.title.before(session.variables), self.row.type)


def think_seconds(rule: ThinkTimeRule, written: float, chance: Chance) -> float:
    """Return the real pause in seconds for the one that is written in the case."""
    strategies: dict[str, Callable[[], float]] = {
        "default": lambda: written,
        "ignore": lambda: 0.0,
        "multiply": lambda: written * rule.factor,
        "random_percentage": lambda: chance.uniform(written * rule.low, written * rule.high),
    }
    seconds = max(0.0, strategies[rule.strategy]())
    return seconds if rule.limit is None else min(seconds, rule.limit)


async def _render(template: Template, variables: Variables, session: Session) -> Any:
    if template.constant:
        return template.value
    scope = session.variables
    if not variables.is_empty:
        scope = await variables.evaluate(scope)
    return await template.render_async(scope) if template.awaits else template.render(scope)


def _read(number: Callable[[Any], float], value: Any) -> float:
    try:
        return number(value)
    except ValueError as error:
        raise StepFailed("template", str(error)) from error


def _is_true(condition: Any) -> bool:
    """Return whether a condition holds; a text does unless it means no.

    Data files hold "no", "0" and empty cells as texts.
    """
    if isinstance(condition, str):
        return not means_no(condition) and condition.strip() not in ("", "0")
    return bool(condition)
