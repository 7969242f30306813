"""Test edge cases of variables: references, precedence, and that data stays data."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functional.servers import json_answer
from tests.scenario.bench import Bench

from .outcome import anything, asked_for, case_of, posting, sent, told

CHAIN = {"varA": "$varB", "varB": "$varC", "varC": "123"}
READ = {"name": "read", "request": {"method": "GET", "url": "/read"}, "extract": {"v": "body.v"}}

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown function": ({"a": "${nowhere()}"}, "unknown function nowhere"),
    "a variable in its own text": ({"token": "abc$token"}, "variable token refers to itself"),
    "a circle": ({"a": "$b", "b": "x$a"}, "circular reference: a -> b -> a"),
    "an unknown name": ({"a": "$b"}, "$b is not defined"),
}


def test_variables_refer_to_each_other_in_any_order(bench: Bench) -> None:
    step = posting(["$varA", "$varB", "$varC"], variables=CHAIN)

    assert sent(bench, case_of(step)) == [["123", "123", "123"]]


@pytest.mark.parametrize("of", ["config", "step"])
@pytest.mark.parametrize("words", WRONG)
def test_the_real_cause_is_told_once(bench: Bench, words: str, of: str) -> None:
    variables, expected = WRONG[words]
    of_step, of_config = (variables, {}) if of == "step" else ({}, variables)
    problems = told(bench, case_of(posting(1, variables=of_step), variables=of_config))

    assert expected in problems
    assert len(problems.splitlines()) == 1


def test_a_step_variable_that_names_only_itself_keeps_the_value_of_the_config(
    bench: Bench,
) -> None:
    step = {"variables": {"base_url": "$base_url"}, "request": {"method": "GET", "url": "/x"}}

    assert asked_for(bench, case_of(step), anything("/x")) == ["/x"]


@pytest.mark.parametrize("value", ["pa$word", "${f()}", "x$y$$z", "  padded  ", "$v"])
def test_an_extracted_value_stays_as_it_came(bench: Bench, value: str) -> None:
    script = {b"/read": json_answer(b'{"v": "%b"}' % value.encode()), **anything("/")}
    again = posting(["$v", "<$v>"])
    bodies = sent(bench, case_of(READ, again, again), script)

    assert bodies[1:] == [[value, f"<{value}>"]] * 2


@pytest.mark.parametrize("value", ["pa$word", "${f()}", "  padded  "])
def test_a_cell_of_a_data_file_stays_as_it_is(bench: Bench, value: str) -> None:
    bench.write("rows.csv", f"v\n{value}\n")
    case = case_of(posting("$v"), posting("$v"), parameters={"v": "${P(rows.csv)}"})

    assert sent(bench, case) == [value, value]


def test_a_doubled_dollar_of_the_config_is_one_dollar_in_every_step(bench: Bench) -> None:
    case = case_of(posting("$price"), posting("<$price>"), variables={"price": "US$$x"})

    assert sent(bench, case) == ["US$x", "<US$x>"]


@pytest.mark.parametrize(("line", "failure"), [("http://127.0.0.1:1", "connect"), ("", None)])
def test_a_base_url_in_the_environment_file_wins_over_the_config_unless_it_is_empty(
    bench: Bench, line: str, failure: str | None
) -> None:
    bench.write(".env", f"base_url={line}\n")
    (trace,) = bench.row(case_of(posting(1))).traces

    assert (trace.failure.kind if trace.failure else None) == failure
