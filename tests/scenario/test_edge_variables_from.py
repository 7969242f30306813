"""Test `variables` from one expression: valid results, precedence, and failures."""

from __future__ import annotations

from typing import Any

import pytest
from boomtalk.engine import Load, Ramp

from tests.http.scripted_server import OK
from tests.scenario.bench import Bench, errors_of

from .outcome import anything, asked_for, case_of, failures, posting, sent, told

GIVEN = "${given()}"
CHILD = """
config: {name: child, variables: "${given()}"}
teststeps: [{name: inner, request: {method: POST, url: /, json: [$user, $own]}}]
"""


def gives(bench: Bench, *results: Any) -> list[Any]:
    """Let `given` return the results in turn, then always the last one; return its calls."""
    calls: list[Any] = []

    def given(*arguments: Any) -> Any:
        calls.append(arguments)
        return results[min(len(calls), len(results)) - 1]

    bench.functions["given"] = given
    return calls


def test_a_map_for_the_config_is_made_once_for_all_users(bench: Bench) -> None:
    calls = gives(bench, {"user": "bob", "n": 5})
    case = case_of(posting(["$user", "$n"]), variables=GIVEN)
    _, server = bench.load(case, load=Load(Ramp(2), iterations=6))

    assert [asked.body for asked in server.asked] == [b'["bob",5]'] * 6
    assert calls == [()]


def test_a_map_for_a_step_is_made_at_each_run_of_it_from_what_is_known_then(bench: Bench) -> None:
    calls = gives(bench, {"n": 1}, {"n": 2}, {"n": 3})
    step = posting("$n", variables="${given($id)}")
    case = case_of(step, parameters={"id": ["a", "b", "c"]})
    _, server = bench.load(case, load=Load(iterations=3))

    assert [asked.body for asked in server.asked] == [b"1", b"2", b"3"]
    assert calls == [("a",), ("b",), ("c",)]


def test_the_map_of_a_step_is_gone_after_it(bench: Bench) -> None:
    gives(bench, {"n": 1})
    case = case_of(posting("$n", variables=GIVEN), posting("$n"), variables={"n": 0})

    assert sent(bench, case) == [1, 0]
    assert "$m is not defined" in told(
        bench, case_of(posting("$m", variables=GIVEN), posting("$m"))
    )


def test_the_map_wins_over_the_config_and_reaches_everything_of_its_step(bench: Bench) -> None:
    gives(bench, {"n": 1, "times": 2, "path": "/x", "status": 200})
    step = {
        "name": "s",
        "variables": GIVEN,
        "loops": "$times",
        "request": {"method": "GET", "url": "$path"},
        "setup_hooks": ["${str($n)}"],
        "validate": [{"eq": ["status_code", "$status"]}, {"eq": ["$n", 1]}],
    }
    case = case_of(step, variables={"n": 0})

    assert asked_for(bench, case, anything("/x")) == ["/x", "/x"]
    assert bench.row(case, anything("/x")).passed


@pytest.mark.parametrize("value", ["pa$word", "${f()}", "  padded  ", {"$k": ["$v"]}])
def test_what_the_map_holds_is_data(bench: Bench, value: Any) -> None:
    gives(bench, {"n": value})

    assert sent(bench, case_of(posting("$n"), variables=GIVEN)) == [value]
    assert sent(bench, case_of(posting("$n", variables=GIVEN))) == [value]


def test_the_base_url_of_the_config_wins_over_that_of_the_map_and_may_use_it(bench: Bench) -> None:
    gives(bench, {"base_url": "http://127.0.0.1:1", "part": "v2"})
    step = {"request": {"method": "GET", "url": "/x"}}
    case = case_of(step, variables=GIVEN, base_url="$URL/$part")

    assert asked_for(bench, case, anything("/v2/x")) == ["/v2/x"]


def test_the_base_url_may_come_from_the_map_alone(bench: Bench) -> None:
    gives(bench, {"base_url": "http://127.0.0.1:1"})
    case = '{config: {name: c, variables: "${given()}"}, teststeps: [%s]}'
    row = bench.row(case % "{name: s, request: {method: GET, url: /}}")

    assert [trace.failure.kind for trace in row.traces if trace.failure] == ["connect"]


def test_a_reference_takes_a_map_and_so_does_the_case_it_refers_to(bench: Bench) -> None:
    calls = gives(bench, {"user": "child", "own": "mine"}, {"user": "child", "own": "again"})
    bench.write("child.yml", CHILD)
    step = {"name": "call", "testcase": "child.yml", "loops": 2, "variables": '${f("parent")}'}
    bench.functions["f"] = lambda user: {"user": user}

    assert sent(bench, case_of(step)) == [["parent", "mine"], ["parent", "again"]]
    assert len(calls) == 2


def test_a_pause_takes_a_map(bench: Bench) -> None:
    gives(bench, {"seconds": 0})
    step = {"name": "s", "variables": GIVEN, "think_time": "$seconds"}

    assert bench.row(case_of(step)).passed


@pytest.mark.parametrize("result", [[1, 2], "text", None, 5])
def test_anything_but_a_map_is_a_failure_with_its_place(bench: Bench, result: Any) -> None:
    gives(bench, result)
    of_step = failures(bench, case_of(posting(1, variables=GIVEN)))
    of_config = told(bench, case_of(posting(1), variables=GIVEN))

    for failure in (*of_step, of_config):
        assert failure is not None
        assert "case.yml:1: " in failure
        assert "variables: must give a map of variables, not " in failure


def test_a_name_that_the_map_of_the_config_does_not_hold_is_told_before_the_run(
    bench: Bench,
) -> None:
    calls = gives(bench, {"user": "bob"})
    case = case_of(posting("$user"), posting("$usr"), variables=GIVEN)

    assert "$usr is not defined (did you mean user?)" in told(bench, case)
    assert len(calls) == 1


def test_a_name_that_the_map_of_a_step_does_not_hold_fails_the_step(bench: Bench) -> None:
    gives(bench, {"user": "bob"})
    case = case_of(posting("$user", variables=GIVEN), posting("$usr", variables=GIVEN))
    outcome, server = bench.load(case, {b"/": OK})

    assert len(server.asked) == 1
    assert errors_of(outcome) == [("template", "s", 1)]
    assert "$usr is not defined" in outcome.snapshot.errors[0].message


WRONG = {
    "text": "must be a map, not 'text'",
    "US$$": "must be a map, or an expression that gives one, not 'US$'",
    "${nowhere()}": "unknown function nowhere",
    "${given($later)}": "$later is not defined",
}


@pytest.mark.parametrize("written", WRONG)
@pytest.mark.parametrize("of", ["config", "step"])
def test_what_can_never_be_a_map_is_told_before_the_run(
    bench: Bench, written: str, of: str
) -> None:
    gives(bench, {})
    of_step, of_config = (written, {}) if of == "step" else ({}, written)

    assert WRONG[written] in told(
        bench, case_of(posting(1, variables=of_step), variables=of_config)
    )


def test_a_step_gives_a_map_to_an_api_that_has_no_variables_of_its_own(bench: Bench) -> None:
    gives(bench, {"id": 7})
    request = "request: {method: GET, url: /$id}\n"
    bench.write("api/plain.yml", request)
    bench.write("api/own.yml", f"variables: {{id: 1}}\n{request}")
    bench.write("api/given.yml", f'variables: "{GIVEN}"\n{request}')
    step = {"name": "s", "api": "api/plain.yml", "variables": GIVEN}

    assert asked_for(bench, case_of(step), anything("/7")) == ["/7"]
    assert "the API has variables, too" in told(bench, case_of({**step, "api": "api/own.yml"}))
    named = {**step, "api": "api/given.yml", "variables": {"other": 1}}
    assert asked_for(bench, case_of(named), anything("/7")) == ["/7"]
