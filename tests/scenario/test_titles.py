"""Test the names of steps in a functional run."""

from __future__ import annotations

from itertools import count

import pytest

from .bench import Bench

GET = "request: {method: GET, url: $URL/}"
CASE = """
config: {name: c, variables: {who: config, id: 0}}
teststeps: [STEP]
"""


def names(bench: Bench, step: str) -> list[str]:
    return [trace.name for trace in bench.row(CASE.replace("STEP", step)).traces]


@pytest.mark.parametrize(
    ("step", "name"),
    [
        ("name: hi $who, " + GET, "hi config"),
        ("name: hi $who, variables: {who: step}, " + GET, "hi step"),
        ("name: hi $who $id, variables: {who: $late, late: 5}, " + GET, "hi 5 0"),
        ("name: pause of $who, variables: {who: 0}, think_time: $who", "pause of 0"),
        ("name: pause of $who, variables: {who: 0}, think_time: 0", "pause of 0"),
        ("name: hi $nobody, variables: {who: step}, " + GET, "hi $nobody"),
        ("name: no $who, skip: true, " + GET, "no config"),
        ("name: no $who, variables: {who: step}, skip: true, " + GET, "no $who"),
    ],
)
def test_a_name_is_shown_with_the_variables_of_its_step(bench: Bench, step: str, name: str) -> None:
    assert names(bench, f"{{{step}}}") == [name]


def test_each_repetition_is_named_with_the_values_that_it_has(bench: Bench) -> None:
    numbers = count(1)
    bench.functions = {"next_id": lambda: next(numbers)}
    step = "{name: item $id, variables: {id: '${next_id()}'}, loops: 2, " + GET + "}"
    assert names(bench, step) == ["item 1_loop_1", "item 2_loop_2"]


def test_a_name_shows_the_value_that_was_sent(bench: Bench) -> None:
    numbers = count(1)
    bench.functions = {"next_id": lambda: next(numbers)}
    step = "{name: item $id, variables: {id: '${next_id()}'}, " + GET.replace("$URL/", "$URL/$id")
    trace = bench.row(CASE.replace("STEP", step + "}")).traces[0]
    assert trace.request is not None
    assert (trace.name, trace.request.url.path) == ("item 1", "/1")


def test_a_name_is_shown_with_variables_from_an_expression(bench: Bench) -> None:
    bench.functions = {"account": lambda: {"who": "amy"}}
    assert names(bench, "{name: hi $who, variables: '${account()}', " + GET + "}") == ["hi amy"]


def test_a_step_whose_variables_fail_keeps_the_name_that_was_written(bench: Bench) -> None:
    step = "{name: hi $who, variables: {who: '${int(x)}'}, " + GET + "}"
    assert names(bench, step) == ["hi $who"]


def test_a_websocket_step_is_named_with_its_own_variables(bench: Bench) -> None:
    step = "{name: say $who, variables: {who: step}, websocket: {type: ping, url: $URL/}}"
    assert names(bench, step) == ["say step"]


def test_a_step_of_a_reference_is_named_with_what_the_reference_was_given(bench: Bench) -> None:
    bench.write("proj.json", "{}")
    bench.write("inner.yml", "teststeps: [{name: for $who, variables: {}, think_time: 0}]")
    step = "{name: log in $who, variables: {who: amy}, testcase: inner.yml}"
    assert names(bench, step) == ["log in amy - for amy"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("shop $who", "shop config"),
        ("shop $nobody", "shop $nobody"),
        ("${max(1, 2)} shops", "2 shops"),
        ("shop ${", "shop ${"),
    ],
)
def test_the_name_of_a_case_is_shown_with_its_variables(
    bench: Bench, name: str, shown: str
) -> None:
    case = CASE.replace("name: c", f"name: '{name}'").replace("STEP", "{think_time: 0}")
    assert bench.row(case).title == shown


def test_the_name_of_a_case_is_the_same_for_each_row(bench: Bench) -> None:
    case = CASE.replace("name: c", "name: shop $who, parameters: {who: [amy, bob]}")
    results, _ = bench.run(case.replace("STEP", "{name: for $who, think_time: 0}"))
    assert [(row.case, row.traces[0].name) for row in results.rows] == [
        ("shop config", "for amy"),
        ("shop config", "for bob"),
    ]


def test_a_method_is_shown_as_it_is_sent(bench: Bench) -> None:
    step = "{request: {method: get, url: $URL/}, validate: [{eq: [status_code, 200]}]}"
    (trace,) = bench.row(CASE.replace("STEP", step)).traces
    assert trace.type == "request-GET"
    assert trace.name.startswith("GET http://")
