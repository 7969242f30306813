"""Test variables that refer to each other."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from boomtalk.engine.errors import CaseError, StepFailed
from boomtalk.engine.values.variables import compile_variables


@pytest.fixture
def evaluate(functions: Any, write: Any) -> Any:
    def evaluate(variables: dict[str, Any], known: Any = None, **scope: Any) -> dict[str, Any]:
        written = {name: write(value) for name, value in variables.items()}
        return asyncio.run(compile_variables(written, functions, known).evaluate(scope))

    return evaluate


def test_references_are_resolved_in_any_order(evaluate: Any) -> None:
    values = evaluate({"a": "$b", "b": "${max($c, 1)}", "c": 123, "d": {"$c": "x$a"}})

    assert values == {"a": 123, "b": 123, "c": 123, "d": {"123": "x123"}}


def test_a_variable_wins_over_the_scope_also_inside_the_others(evaluate: Any) -> None:
    assert evaluate({"x": "$b", "b": 34.5}, b=1)["x"] == 34.5


def test_an_entry_that_only_names_itself_keeps_the_value_of_the_scope(evaluate: Any) -> None:
    values = evaluate({"base_url": "$base_url", "a": "${a}"}, base_url="http://x", a=[1])

    assert values == {"base_url": "http://x", "a": [1]}


def test_data_is_not_read_for_expressions_again(evaluate: Any) -> None:
    values = evaluate({"a": "$token", "b": "<$a>", "c": "US$$x"}, token="  pa$word ${f()}  ")

    assert values["a"] == "  pa$word ${f()}  "
    assert values["b"] == "<  pa$word ${f()}  >"
    assert values["c"] == "US$x"


def test_a_function_runs_once_for_all_uses_of_its_variable(evaluate: Any, plugin: Any) -> None:
    values = evaluate({"a": "${echo(1)}", "b": "$a", "c": "$a"})

    assert values["b"] == values["c"] == [1]
    assert len(plugin.calls) == 1


def test_the_given_scope_is_left_alone(evaluate: Any, functions: Any, write: Any) -> None:
    scope = {"a": 1}
    compiled = compile_variables({"b": write("$a")}, functions)

    assert asyncio.run(compiled.evaluate(scope)) == {"a": 1, "b": 1}
    assert scope == {"a": 1}


WRONG = [
    ({"token": "abc$token"}, "variable token refers to itself"),
    ({"a": "$b", "b": "$c", "c": "x$a"}, "circular reference: a -> b -> c -> a"),
    ({"a": "$usr"}, r"\$usr is not defined \(did you mean user\?\)"),
    ({"a": {"$nope": 1}}, r"\$nope is not defined"),
    ({"a": "$a"}, r"\$a is not defined"),
    ({"a": "${nope()}"}, "unknown function nope"),
]


@pytest.mark.parametrize(("variables", "told"), WRONG)
def test_what_is_wrong_is_told_with_its_cause(
    evaluate: Any, variables: dict[str, Any], told: str
) -> None:
    with pytest.raises(CaseError, match=told) as error:
        evaluate(variables, known=["user"])

    assert len(error.value.problems) == 1


def test_all_wrong_variables_are_told_at_once(evaluate: Any) -> None:
    with pytest.raises(CaseError) as error:
        evaluate({"a": "${nope()}", "b": "x$b", "c": "$missing", "d": "$a"}, known=[])

    told = [problem.what for problem in error.value.problems]
    assert told == [
        "unknown function nope",
        "$missing is not defined",
        "variable b refers to itself",
    ]


def test_without_known_names_an_unknown_one_fails_the_step(evaluate: Any) -> None:
    with pytest.raises(StepFailed, match=r"\$later is not defined"):
        evaluate({"a": "$later"})


def test_what_the_scope_must_hold_is_known(functions: Any, write: Any) -> None:
    compiled = compile_variables({"a": write("$b$c"), "b": write("${echo($d)}")}, functions)

    assert compiled.reads == {"c", "d"}
    assert compiled.functions == {"echo"}
    assert compiled.awaits
