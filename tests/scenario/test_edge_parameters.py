"""Test edge cases of parameters: the rows, and the order in which they are used."""

from __future__ import annotations

from typing import Any

import pytest
from boomtalk.engine import Load, Ramp, load_cases

from tests.scenario.bench import Bench

from .outcome import case_of, posting, sent, told

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an empty list": ({"a": []}, "an empty list of parameters"),
    "a name in two groups": ({"a": [1, 2], "a-b": [[3, 4]]}, "parameter a is given twice"),
    "a name with a hyphen": ({"user-agent": ["x", "y"]}, "one value for several names"),
}


@pytest.mark.parametrize("words", WRONG)
def test_rows_that_cannot_be_meant_are_told(bench: Bench, words: str) -> None:
    parameters, expected = WRONG[words]

    assert expected in told(bench, case_of(posting(1), parameters=parameters))


# The parameters and their setting, and the values that a functional run sends.
ROWS: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "no parameters are one row": ({}, ["-"]),
    "a limit beyond the rows starts again": (
        {"parameters": {"n": [1, 2]}, "parameters_setting": {"limit": 5}},
        [1, 2, 1, 2, 1],
    ),
    "unique rows come once whatever the limit": (
        {
            "parameters": {"n": [1, 2]},
            "parameters_setting": {"limit": 5, "pick_order": "unique"},
        },
        [1, 2],
    ),
    "null is a value": ({"parameters": {"n": [None, 1]}}, [None, 1]),
}


@pytest.mark.parametrize("words", ROWS)
def test_the_rows_of_a_functional_run(bench: Bench, words: str) -> None:
    config, expected = ROWS[words]

    assert sent(bench, case_of(posting("$n"), variables={"n": "-"}, **config)) == expected


def test_without_parameters_a_load_has_no_end_of_its_own(bench: Bench) -> None:
    outcome, server = bench.load(case_of(posting(1)), load=Load(Ramp(2), iterations=7))

    assert (outcome.stopped_by, len(server.asked)) == ("iterations", 7)


def test_a_load_ends_with_its_unique_rows(bench: Bench) -> None:
    config = {"parameters": {"n": [1, 2, 3]}, "parameters_setting": {"pick_order": "unique"}}
    outcome, server = bench.load(case_of(posting("$n"), **config), load=Load(Ramp(2)))

    assert outcome.stopped_by == "data"
    assert sorted(asked.body for asked in server.asked) == [b"1", b"2", b"3"]


CHILD = """
config: {name: child, parameters: {user-word: [[bob, x], [amy, y]]}}
teststeps: [{name: inner, request: {method: POST, url: /, json: [$user, $word]}}]
"""
CALL = {"name": "call", "testcase": "child.yml"}
WARNING = (
    "step 'call': testcase: the rows of its parameters are not used: {names} (give a value under "
    "variables of this step, or rows under parameters of this file)"
)


def warnings_of(bench: Bench, case: str) -> list[str]:
    loaded = load_cases([bench.write("case.yml", case)])
    return [str(warning).partition(": ")[2] for warning in loaded.warnings]


def test_a_referenced_case_goes_through_the_rows_of_its_parent_not_through_its_own(
    bench: Bench,
) -> None:
    bench.write("child.yml", CHILD)
    step = {**CALL, "variables": {"word": "secret"}}
    case = case_of(step, parameters={"user": ["eve", "dan", "kim"]})

    assert sent(bench, case) == [["eve", "secret"], ["dan", "secret"], ["kim", "secret"]]
    assert warnings_of(bench, case) == []


def test_parameters_of_a_referenced_case_that_get_no_value_are_told_with_the_way_out(
    bench: Bench,
) -> None:
    bench.write("child.yml", CHILD)
    without = case_of(CALL)
    half = case_of({**CALL, "variables": {"user": "eve"}})

    assert warnings_of(bench, without) == [WARNING.format(names="user, word")]
    assert "$user is not defined" in told(bench, without)
    assert warnings_of(bench, half) == [WARNING.format(names="word")]


def test_a_referenced_case_falls_back_on_its_own_variables(bench: Bench) -> None:
    own = "parameters: {user-word: [[a, b]]}, variables: {user: bob, word: x}"
    bench.write("child.yml", CHILD.replace("parameters: {user-word: [[bob, x], [amy, y]]}", own))

    assert sent(bench, case_of(CALL)) == [["bob", "x"]]
    assert warnings_of(bench, case_of(CALL)) == []
