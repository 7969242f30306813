"""This module compiles one entry of `validate` to one comparison."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Any

from msgspec import Struct

from ..case.hints import meant
from ..case.model import Validation
from ..errors import CaseError, Problem, StepFailed
from .comparisons import ASSERTIONS, SIGNS, regex_match
from .expressions import Scope, Template, compile_template
from .extraction import Extraction, Read, ResponseView, compile_extraction
from .functions import Functions
from .patterns import compile_pattern
from .text import shortened

__all__ = ["ASSERTIONS", "Check", "CheckResult", "compile_check"]

Compare = Callable[[Any, Any], Any]

# Two values that cannot be compared: a broken pattern, a text that is too long or too deep.
_INCOMPARABLE = (ValueError, ArithmeticError, RecursionError, StepFailed)


class CheckResult(Struct, frozen=True):
    """The outcome of a check; `failure` is None where it held.

    `note` says more of it: where a search ended that found nothing, or why values do not compare.
    """

    text: str
    assertion: str
    actual: Any
    expected: Any
    message: str
    failure: StepFailed | None
    note: str = ""


Judge = Callable[[ResponseView, Scope], Awaitable[CheckResult]]


class Check(Struct, frozen=True):
    """A compiled check; `run` raises StepFailed when it does not hold.

    The kind is `check`, but `template` when `expect` cannot be rendered, `extract` when a search
    cannot be evaluated, and a plugin kind when a plugin function fails. Where `awaits` is true
    only `run_async` may be used. `judge` tells the values on both sides too, and raises nothing.
    """

    actual: Extraction
    assertion: str
    awaits: bool
    bytes_decide: bool
    variables: frozenset[str]
    run: Callable[[ResponseView, Scope], None]
    run_async: Callable[[ResponseView, Scope], Awaitable[None]]
    judge: Judge


def compile_check(
    validation: Validation, functions: Functions, names: Collection[str] = ()
) -> Check:
    """Compile one entry of `validate`; raises CaseError with every problem in it."""
    problems: list[Problem] = []
    actual = expected = None
    try:
        actual = compile_extraction(validation.check, functions, names)
    except CaseError as error:
        problems.extend(error.problems)
    try:
        expected = compile_template(validation.expect, functions, names)
    except CaseError as error:
        problems.extend(error.problems)
    compare, awaited = _find(validation, functions, problems)
    if expected is not None and expected.constant and compare is regex_match:
        problems += _pattern_problems(validation, expected.value)
    if problems or actual is None or expected is None or compare is None:
        raise CaseError(problems)
    return _check(validation, actual, expected, compare, awaited=awaited)


def _find(
    validation: Validation, functions: Functions, problems: list[Problem]
) -> tuple[Compare | None, bool]:
    """Return the comparison of that name and whether it must be awaited."""
    name = validation.assertion
    if name in ASSERTIONS:
        return ASSERTIONS[name], False
    function = functions.find(name)
    if function is None or not function.plugin:
        problems.append(_unknown(validation, functions))
        return None, False
    if misfit := function.misfit(2, ()):
        hint = "an assertion is called with the value that was found and the one expected"
        problems.append(Problem(validation.check.place, misfit, hint))
    known_as, call = function.name, function.call
    return lambda actual, expected: call(known_as, [actual, expected], {}), True


def _unknown(validation: Validation, functions: Functions) -> Problem:
    name, names = validation.assertion, [*ASSERTIONS, *functions.plugin_names]
    if name.startswith("-"):
        hint = f"write a blank behind the dash: - {name[1:]}"
    elif known := SIGNS.get(name.strip().lower()):
        hint = f"write {known}"
    else:
        hint = meant(name, names) or "or write a function of that name in debugtalk.py"
    return Problem(validation.check.place, f"unknown assertion {name!r}", hint)


def _pattern_problems(validation: Validation, pattern: Any) -> list[Problem]:
    if not isinstance(pattern, str):
        return []
    try:
        compile_pattern(pattern)
    except ValueError as error:
        return [Problem(validation.expect.place, f"{pattern[:200]!r}: {error}")]
    return []


def _check(
    validation: Validation,
    actual: Extraction,
    expected: Template,
    compare: Compare,
    *,
    awaited: bool,
) -> Check:
    failures = _Failures.of(validation, actual.text)
    judge = _judge(validation, actual, expected, compare, failures, awaited=awaited)
    return Check(
        actual=actual,
        assertion=validation.assertion,
        awaits=awaited or actual.awaits or expected.awaits,
        bytes_decide=actual.bytes_decide and expected.constant and not awaited,
        variables=actual.variables | expected.variables,
        run=_plain_run(actual, expected, compare, failures),
        run_async=_awaited_run(judge),
        judge=judge,
    )


class _Incomparable(StepFailed):
    """A check of two values that cannot be compared, and why."""


class _Failures(Struct, frozen=True):
    """Makes the failures of one check: `text` is its left side, `check` all of it as written."""

    text: str
    assertion: str
    check: str
    told: str

    @classmethod
    def of(cls, validation: Validation, text: str) -> _Failures:
        assertion = validation.assertion
        check = f"{text} {assertion} {shortened(validation.expect.value)}"
        told = f" ({validation.message})" if validation.message else ""
        return cls(text, assertion, check, told)

    def unequal(self, found: Any, wanted: Any) -> StepFailed:
        wanted, found = shortened(wanted), shortened(found)
        said = f"{self.text} {self.assertion} {wanted}: got {found}{self.told}"
        return StepFailed("check", said, check=self.check)

    def incomparable(self, error: Exception) -> _Incomparable:
        why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        return _Incomparable("check", f"{self.text}: {why}", check=self.check)


def _plain_run(
    actual: Extraction, expected: Template, compare: Compare, failures: _Failures
) -> Callable[[ResponseView, Scope], None]:
    """Return the quick way: nothing awaited, nothing made unless the check fails."""
    if actual.read is not None and expected.constant:
        return _constant_run(actual.read, expected.value, compare, failures)
    value, render = actual.value, expected.render

    def run(response: ResponseView, scope: Scope) -> None:
        found = value(response, scope)
        wanted = render(scope)
        try:
            held = compare(found, wanted)
        except _INCOMPARABLE as error:
            raise failures.incomparable(error) from error
        if not held:
            raise failures.unequal(found, wanted)

    return run


def _constant_run(
    read: Read, wanted: Any, compare: Compare, failures: _Failures
) -> Callable[[ResponseView, Scope], None]:
    """Return the quickest way, for a check that no variable is in."""
    if compare is ASSERTIONS["eq"] and wanted.__class__ in (int, float, str):
        return _equal_run(read, wanted, failures)

    def run(response: ResponseView, scope: Scope) -> None:
        found = read(response)
        try:
            if compare(found, wanted):
                return
        except _INCOMPARABLE as error:
            raise failures.incomparable(error) from error
        raise failures.unequal(found, wanted)

    return run


def _equal_run(
    read: Read, wanted: float | str, failures: _Failures
) -> Callable[[ResponseView, Scope], None]:
    """Return the check for a number or text: `==` means the same as `eq`, but for booleans."""
    equals_a_boolean = wanted in (0, 1)

    def run(response: ResponseView, scope: Scope) -> None:
        found = read(response)
        if found != wanted or (equals_a_boolean and found.__class__ is bool):
            raise failures.unequal(found, wanted)

    return run


def _guarded(compare: Compare, failures: _Failures) -> Compare:
    """Return the comparison with its errors as failures of the check."""

    def hold(found: Any, wanted: Any) -> Any:
        try:
            return compare(found, wanted)
        except _INCOMPARABLE as error:
            raise failures.incomparable(error) from error

    return hold


def _judge(
    validation: Validation,
    actual: Extraction,
    expected: Template,
    compare: Compare,
    failures: _Failures,
    *,
    awaited: bool,
) -> Judge:
    hold = compare if awaited else _guarded(compare, failures)

    async def judge(response: ResponseView, scope: Scope) -> CheckResult:
        found = wanted = failure = None
        note = ""
        try:
            found = await actual.value_async(response, scope)
            wanted = await expected.render_async(scope)
            held = hold(found, wanted)
            if awaited:
                # A comparison in debugtalk.py may assert and return nothing.
                held = await held is not False
            failure = None if held else failures.unequal(found, wanted)
        except _Incomparable as reason:
            failure, note = reason, reason.message
        except StepFailed as reason:
            failure = reason
        return CheckResult(
            actual.text, validation.assertion, found, wanted, validation.message, failure, note
        )

    return judge


def _awaited_run(judge: Judge) -> Callable[[ResponseView, Scope], Awaitable[None]]:
    async def run_async(response: ResponseView, scope: Scope) -> None:
        verdict = await judge(response, scope)
        if verdict.failure is not None:
            raise verdict.failure

    return run_async
