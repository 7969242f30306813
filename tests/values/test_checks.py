"""Test checks of `validate`: which values pass, and the message of a failure."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest
from boomtalk.engine.case.model import Validation
from boomtalk.engine.errors import CaseError, StepFailed
from boomtalk.engine.values.assertions import compile_check
from boomtalk.engine.values.functions import Functions

from .conftest import nested, response

PASSING = [
    ("status_code", "eq", 200),
    ("body.n", "eq", 1),
    ("body.n", "eq", 1.0),
    ("body.n", "lt", 1.5),
    ("body.flag", "eq", True),
    ("body.nope", "eq", None),
    ("body.list", "eq", [1, 2]),
    ("body.name", "eq", "$name"),
    ("$name", "eq", "bob"),
    ("body.list", "contains", "${max(1, 2)}"),
    ("headers.content-type", "startswith", "application/"),
    (5, "eq", 5),
    ("literal", "eq", "literal"),
    ("body.two", "is_even", 0),
    ("body.n", "asserts", 0),
    ("${token()}", "eq", "t0ken"),
]
BODY = {"n": 1, "two": 2, "flag": True, "off": False, "list": [1, 2], "name": "bob"}


@pytest.mark.parametrize(("what", "assertion", "expect"), PASSING)
def test_a_check_passes(check: Any, what: Any, assertion: str, expect: Any) -> None:
    check(what, assertion, expect, BODY, {"name": "bob"})


FAILING = [
    ("status_code", "eq", 201, "status_code eq 201: got 200 (as agreed)"),
    ("status_code", "eq", "200", 'status_code eq "200": got 200 (as agreed)'),
    ("body.flag", "eq", 1, "body.flag eq 1: got true (as agreed)"),
    ("body.off", "eq", 0, "body.off eq 0: got false (as agreed)"),
    ("body.n", "eq", 1.9, "body.n eq 1.9: got 1 (as agreed)"),
    ("body.nope", "eq", "x", 'body.nope eq "x": got null (as agreed)'),
    ("body.n", "is_even", 0, "body.n is_even 0: got 1 (as agreed)"),
    ("body.name", "regex_match", "$pattern", "not a regular expression"),
]


@pytest.mark.parametrize(("what", "assertion", "expect", "told"), FAILING)
def test_a_failure_names_check_expectation_and_value(
    check: Any, what: Any, assertion: str, expect: Any, told: str
) -> None:
    with pytest.raises(StepFailed) as failure:
        check(what, assertion, expect, BODY, {"pattern": "("})

    assert told in failure.value.message
    assert failure.value.kind == "check"


def test_a_failure_does_not_carry_the_whole_body(check: Any) -> None:
    with pytest.raises(StepFailed) as failure:
        check("body", "eq", 1, {"text": "x" * 100_000})

    assert len(failure.value.message) < 400


HUGE = 10**5_000
INCOMPARABLE = [
    ("body.deep", "eq", "$deep"),
    ("body.deep", "contains", "$deep"),
    ("body.deep", "str_eq", "x"),
    ("body.huge", "startswith", "1"),
    ("body.huge", "regex_match", "1"),
    ("body.name", "regex_match", "$pattern"),
    ("body.name", "regex_match", "$huge"),
    ("body.name", "str_eq", "$deep"),
    ("body.huge", "eq", 1),
    ("body.deep", "eq", 1),
    ("body.huge", "lt", 1.5),
    ("body.name", "len_eq", "$huge"),
    ("body.name", "type_match", "$deep"),
]


@pytest.mark.parametrize(("what", "assertion", "expect"), INCOMPARABLE)
def test_values_that_cannot_be_compared_fail_the_check(
    check: Any, what: str, assertion: str, expect: Any
) -> None:
    body = {"deep": nested(3_000), "huge": HUGE, "name": "bob"}
    scope = {"deep": nested(3_000), "huge": HUGE, "pattern": "a{99999999999}"}
    with pytest.raises(StepFailed) as failure:
        check(what, assertion, expect, body, scope)

    assert failure.value.kind == "check"
    assert len(failure.value.message) < 700


@pytest.mark.parametrize("pattern", ["(", "a{99999999999}", "(" * 3_000, "(?<=a+)b", "*"])
def test_a_constant_pattern_that_cannot_be_read_is_told_before_the_run(
    check: Any, pattern: str
) -> None:
    with pytest.raises(CaseError, match=r"case.yml:7: .*not a regular expression"):
        check("body.name", "regex_match", pattern, BODY)


@pytest.mark.parametrize("pattern", ["[[a]", "a", "b$$"])
def test_a_pattern_that_a_later_python_reads_otherwise_is_taken(check: Any, pattern: str) -> None:
    check("body.name", "regex_match", pattern, {"name": "[ab"})


def test_a_plugin_function_that_cannot_be_an_assertion_is_told(write: Any) -> None:
    functions = Functions({"alone": inspect.signature(lambda one: True)}, lambda *call: None)
    validation = Validation(write("body.n"), "alone", write(1))

    with pytest.raises(CaseError, match=r"alone\(...\): too many positional arguments"):
        compile_check(validation, functions)


def test_an_undefined_variable_in_expect_fails_the_step(check: Any) -> None:
    with pytest.raises(StepFailed, match=r"\$nope is not defined") as failure:
        check("status_code", "eq", "$nope")

    assert failure.value.kind == "template"


def test_a_check_that_cannot_be_evaluated_fails(check: Any) -> None:
    with pytest.raises(StepFailed, match="length"):
        check("length(body.nope)", "eq", 1, BODY)


def test_a_plugin_assertion_that_raises_fails_with_its_own_kind(check: Any) -> None:
    with pytest.raises(StepFailed, match="broken") as failure:
        check("status_code", "breaks", 1)

    assert failure.value.kind == "plugin_error"


def test_an_unknown_assertion_is_told_with_the_nearest_name(check: Any) -> None:
    with pytest.raises(CaseError, match=r"unknown assertion 'equls' \(did you mean equals\?\)"):
        check("status_code", "equls", 1)


@pytest.mark.parametrize(
    ("name", "known"),
    [("=", "eq"), ("===", "eq"), ("==:", "eq"), ("!=", "ne"), (">=", "ge"), ("In", "contained_by")],
)
def test_a_sign_of_another_language_is_told_with_its_name(
    check: Any, name: str, known: str
) -> None:
    with pytest.raises(CaseError, match=rf"\(write {known}\)"):
        check("status_code", name, 1)


def test_builtin_functions_are_no_assertions(check: Any) -> None:
    with pytest.raises(CaseError, match="unknown assertion 'max'"):
        check("status_code", "max", 1)


def test_every_problem_of_a_check_is_told_at_once(check: Any) -> None:
    with pytest.raises(CaseError) as error:
        check("body.[", "nope", "${nix()}")

    assert len(error.value.problems) == 3


@pytest.mark.parametrize("assertion", ["eq", "ne"])
def test_a_verdict_tells_both_sides_and_the_failure(
    functions: Any, write: Any, assertion: str
) -> None:
    validation = Validation(write("body.n"), assertion, write("$n"), "as agreed")
    judge = compile_check(validation, functions).judge
    verdict = asyncio.run(_judged(judge, response(body=BODY), {"n": 1}))

    assert (verdict.text, verdict.assertion, verdict.message) == ("body.n", assertion, "as agreed")
    assert (verdict.actual, verdict.expected) == (1, 1)
    assert (verdict.failure is None) is (assertion == "eq")


async def _judged(judge: Any, seen: Any, scope: dict[str, Any]) -> Any:
    return await judge(seen, scope)
