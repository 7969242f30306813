"""Edge cases of parameters: which rows there are, and in which order they are dealt."""

from __future__ import annotations

from typing import Any

import pytest
from boomtalk.engine import Load, Ramp

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


# The parameters and their setting, and what the rows of a functional run send.
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
