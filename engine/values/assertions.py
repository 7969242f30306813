"""Checks: one entry of `validate`, compiled to one comparison."""

from __future__ import annotations

import operator
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from ..case.hints import meant
from ..case.model import Validation
from ..errors import CaseError, Problem, StepFailed
from .comparisons import ASSERTIONS
from .expressions import Scope, Template, compile_template
from .extraction import Extraction, ResponseView, compile_extraction
from .functions import Functions
from .text import shortened

__all__ = ["ASSERTIONS", "Check", "CheckResult", "compile_check"]

Compare = Callable[[Any, Any], Any]
Failure = Callable[[Any, Any], StepFailed]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of a check; `failure` is None where it held."""

    text: str
    assertion: str
    actual: Any
    expected: Any
    message: str
    failure: StepFailed | None


Judge = Callable[[ResponseView, Scope], Awaitable[CheckResult]]


@dataclass(frozen=True, slots=True)
class Check:
    """A compiled check; `run` raises StepFailed when it does not hold.

    The kind is `check`, but `template` when `expect` cannot be rendered, `extract` when a search
    cannot be evaluated, and a plugin kind when a plugin function fails. Where `awaits` is true
    only `run_async` may be used. `judge` tells the values on both sides too, and raises nothing.
    """

    text: str
    assertion: str
    awaits: bool
    variables: frozenset[str]
    functions: frozenset[str]
    run: Callable[[ResponseView, Scope], None]
    run_async: Callable[[ResponseView, Scope], Awaitable[None]]
    judge: Judge


def compile_check(validation: Validation, functions: Functions) -> Check:
    """Compile one entry of `validate`; raises CaseError with every problem in it."""
    problems: list[Problem] = []
    actual = expected = None
    try:
        actual = compile_extraction(validation.check, functions)
    except CaseError as error:
        problems.extend(error.problems)
    try:
        expected = compile_template(validation.expect, functions)
    except CaseError as error:
        problems.extend(error.problems)
    compare, awaited = _find(validation.assertion, functions)
    if compare is None:
        problems.append(_unknown(validation, functions))
    if problems or actual is None or expected is None or compare is None:
        raise CaseError(problems)
    return _check(validation, actual, expected, compare, awaited=awaited)


def _find(name: str, functions: Functions) -> tuple[Compare | None, bool]:
    """Return the comparison of that name and whether it must be awaited."""
    if name in ASSERTIONS:
        return ASSERTIONS[name], False
    function = functions.find(name)
    if function is None or not function.plugin:
        return None, False
    call = function.call
    return lambda actual, expected: call(name, [actual, expected], {}), True


def _unknown(validation: Validation, functions: Functions) -> Problem:
    names = [*ASSERTIONS, *functions.plugin_names]
    hint = meant(validation.assertion, names) or "or write a function of that name in debugtalk.py"
    return Problem(validation.check.place, f"unknown assertion {validation.assertion!r}", hint)


def _check(
    validation: Validation,
    actual: Extraction,
    expected: Template,
    compare: Compare,
    *,
    awaited: bool,
) -> Check:
    failed = _failure(validation, actual.text)
    judge = _judge(validation, actual, expected, compare, failed, awaited=awaited)
    return Check(
        text=actual.text,
        assertion=validation.assertion,
        awaits=awaited or actual.awaits or expected.awaits,
        variables=actual.variables | expected.variables,
        functions=actual.functions | expected.functions,
        run=_plain_run(actual, expected, compare, failed),
        run_async=_awaited_run(judge),
        judge=judge,
    )


def _plain_run(
    actual: Extraction, expected: Template, compare: Compare, failed: Failure
) -> Callable[[ResponseView, Scope], None]:
    """Return the quick way: nothing awaited, nothing made unless the check fails."""
    value, render = actual.value, expected.render
    moves, same = not expected.constant, expected.value
    if expected.constant:
        compare = _quickest(compare, same)

    def run(response: ResponseView, scope: Scope) -> None:
        found = value(response, scope)
        wanted = render(scope) if moves else same
        try:
            held = compare(found, wanted)
        except ValueError as error:
            raise StepFailed("check", f"{actual.text}: {error}") from error
        if not held:
            raise failed(found, wanted)

    return run


def _judge(
    validation: Validation,
    actual: Extraction,
    expected: Template,
    compare: Compare,
    failed: Failure,
    *,
    awaited: bool,
) -> Judge:
    async def judge(response: ResponseView, scope: Scope) -> CheckResult:
        found = wanted = failure = None
        try:
            found = await actual.value_async(response, scope)
            wanted = await expected.render_async(scope)
            held = compare(found, wanted)
            if awaited:
                # A comparison in debugtalk.py may assert and return nothing.
                held = await held is not False
            failure = None if held else failed(found, wanted)
        except StepFailed as reason:
            failure = reason
        except ValueError as error:
            failure = StepFailed("check", f"{actual.text}: {error}")
        return CheckResult(
            actual.text, validation.assertion, found, wanted, validation.message, failure
        )

    return judge


def _awaited_run(judge: Judge) -> Callable[[ResponseView, Scope], Awaitable[None]]:
    async def run_async(response: ResponseView, scope: Scope) -> None:
        verdict = await judge(response, scope)
        if verdict.failure is not None:
            raise verdict.failure

    return run_async


def _quickest(compare: Compare, expected: Any) -> Compare:
    """Plain `==` means the same as `eq` for a text, and for a number no boolean equals."""
    plain = isinstance(expected, str) or (
        isinstance(expected, int | float) and expected not in (0, 1)
    )
    return operator.eq if plain and compare is ASSERTIONS["eq"] else compare


def _failure(validation: Validation, text: str) -> Failure:
    told = f" ({validation.message})" if validation.message else ""

    def failed(found: Any, wanted: Any) -> StepFailed:
        said = f"{text} {validation.assertion} {shortened(wanted)}: got {shortened(found)}{told}"
        return StepFailed("check", said)

    return failed
