"""Test variables that contain a search: only texts of the author are used as searches."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functional.servers import json_answer
from tests.scenario.bench import Bench

from .outcome import case_of, posting, sent, told

# HttpRunner 4 names this in its changelog (4.1.5: extract and validate by a variable).
BODY = json_answer(b'{"token": "T", "path": "body.token", "rows": [{"n": 1}, {"n": 2}]}')
SCRIPT = {b"/": BODY}
TAKE = posting(1, extract={"t": "$path"}, validate=[{"eq": ["$path", "T"]}])
THEN = posting("$t")


def taken(bench: Bench, *steps: Any, **config: Any) -> Any:
    """Return what the last of the steps sends."""
    return sent(bench, case_of(*steps, **config), SCRIPT)[-1]


OWN: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "of the config": ([TAKE, THEN], {"variables": {"path": "body.token"}}),
    "of the step": ([{**TAKE, "variables": {"path": " body.token "}}, THEN], {}),
    "over one of the config": (
        [{**TAKE, "variables": {"path": "content.token"}}, THEN],
        {"variables": {"path": "body.nope"}},
    ),
    "through another variable": (
        [TAKE, THEN],
        {"variables": {"path": "$other", "other": "body.token"}},
    ),
    "made of another variable": (
        [TAKE, THEN],
        {"variables": {"path": "body.$key", "key": "token"}},
    ),
    "of a row that stands in the case": ([TAKE, THEN], {"parameters": {"path": ["body.token"]}}),
    "in braces": (
        [posting(1, extract={"t": "${path}"}), THEN],
        {"variables": {"path": "body.token"}},
    ),
}


@pytest.mark.parametrize("words", OWN)
def test_a_search_in_a_variable_of_the_case_is_searched_by(bench: Bench, words: str) -> None:
    steps, config = OWN[words]

    assert taken(bench, *steps, **config) == "T"


def test_a_search_of_an_api_is_searched_by(bench: Bench) -> None:
    bench.write(
        "api.yml",
        "variables: {path: body.token}\n"
        "request: {method: GET, url: /}\n"
        "extract: {t: $path}\n"
        "validate: [{eq: [$path, T]}]\n",
    )

    assert taken(bench, {"name": "s", "api": "api.yml"}, THEN) == "T"


def test_a_referenced_case_searches_by_what_the_step_gives(bench: Bench) -> None:
    bench.write(
        "child.yml",
        "config: {name: child, variables: {path: body.nope}}\n"
        "teststeps: [{name: s, request: {method: GET, url: /}, extract: {t: $path}}]\n",
    )
    step = {
        "name": "r",
        "testcase": "child.yml",
        "variables": {"path": "body.token"},
        "export": ["t"],
    }

    assert taken(bench, step, THEN) == "T"


DATA: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "of a response": (
        [posting(1, extract={"path": "body.path"}), posting(1, extract={"t": "$path"}), THEN],
        {"variables": {"path": "body.token"}},
    ),
    "of the same step": ([posting(1, extract={"path": "body.path", "t": "$path"}), THEN], {}),
    "of a data file": (
        [posting(1, extract={"t": "$path"}), THEN],
        {"parameters": {"path": "${P(rows.csv)}"}},
    ),
    "of the environment": ([posting(1, extract={"t": "$FROM_ENV"}), THEN], {}),
    "of environs": (
        [posting(1, extract={"t": "$place"}), THEN],
        {"environs": {"place": "body.token"}},
    ),
    "of a function": ([posting(1, extract={"t": "${text()}"}), THEN], {}),
    "of a function in a variable": (
        [posting(1, extract={"t": "$path"}), THEN],
        {"variables": {"path": "${text()}"}},
    ),
    "within a longer text": (
        [posting(1, extract={"t": "$path$none"}), THEN],
        {"variables": {"path": "body.token", "none": ""}},
    ),
}


@pytest.mark.parametrize("words", DATA)
def test_a_value_that_only_looks_like_a_search_is_data(bench: Bench, words: str) -> None:
    steps, config = DATA[words]
    bench.write("rows.csv", "path\nbody.token\n")
    bench.write(".env", "FROM_ENV=body.token\n")
    bench.write("proj.json", "{}")
    bench.functions["text"] = lambda: "body.token"

    assert taken(bench, *steps, **config) == "body.token"


@pytest.mark.parametrize("path", ["a{99999999999}(.*)", "body.[", "body.a b", "body of a letter"])
def test_a_search_in_a_variable_that_cannot_be_read_is_told_before_the_run(
    bench: Bench, path: str
) -> None:
    for around in ({"extract": {"t": "$path"}}, {"validate": [{"eq": ["${path}", 1]}]}):
        problems = told(bench, case_of(posting(1, **around), variables={"path": path}))

        assert f"step 's': {next(iter(around))}" in problems
        assert "not a" in problems


def test_a_path_with_a_hyphen_finds_it_in_all_places(bench: Bench) -> None:
    answer = json_answer(b'{"user-agent": {"a-b": [5]}}', b"Set-Cookie: my-sid=7; Path=/")
    step = posting(1, extract={"n": "body.user-agent.a-b[0]", "c": "cookies.my-sid"})

    assert sent(bench, case_of(step, posting(["$n", "$c"])), {b"/": answer})[-1] == [5, "7"]
