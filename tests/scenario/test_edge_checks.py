"""Test edge cases of `validate` and `extract`: which checks pass for which body."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.functional.servers import json_answer
from tests.scenario.bench import Bench

from .outcome import case_of, failures, posting, sent, told

BIG = 9007199254740993

# The body of the response, and a check that passes.
HOLDS: dict[str, tuple[str, Any]] = {
    "an integer equals the same float": ('{"n": 1}', {"eq": ["body.n", 1.0]}),
    "an integer is less than a float": ('{"price": 9}', {"lt": ["body.price", 9.5]}),
    "a float is less than an integer": ('{"price": 9.5}', {"lt": ["body.price", 10]}),
    "a list equals its items": ('{"list": [1, 2]}', {"eq": ["body.list", [1, 2]]}),
    "a text is as long as its characters": ('{"t": "中文"}', {"length_equals": ["body.t", 2]}),
    "a length may be digits": ('{"t": "abc"}', {"len_eq": ["body.t", "3"]}),
    "a path that leads nowhere is null": ("{}", {"eq": ["body.nope", None]}),
    "a body that is a number": ("123", {"eq": ["body", 123]}),
    "a body that is null": ("null", {"eq": ["body", None]}),
    "an empty body is an empty text": ("", {"eq": ["body", ""]}),
    "a very small number": ('{"n": 1e-7}', {"eq": ["body.n", 1e-7]}),
    "a very large number": ('{"n": 1e20}', {"eq": ["body.n", 1e20]}),
    "an id beyond the exact floats": (f'{{"id": {BIG}}}', {"eq": ["body.id", BIG]}),
}
FAILS: dict[str, tuple[str, Any]] = {
    "an integer is not the float near it": ('{"n": 1}', {"eq": ["body.n", 1.9]}),
    "an integer is not unequal to the same float": ('{"n": 1}', {"ne": ["body.n", 1.0]}),
    "the float nearest to an id is not the id": (f'{{"id": {BIG}}}', {"eq": ["body.id", BIG - 1]}),
}


@pytest.mark.parametrize("words", HOLDS)
def test_a_check_holds(bench: Bench, words: str) -> None:
    body, check = HOLDS[words]

    assert failures(bench, case_of(posting(1, validate=[check])), body.encode()) == [None]


@pytest.mark.parametrize("words", FAILS)
def test_a_check_fails(bench: Bench, words: str) -> None:
    body, check = FAILS[words]
    (failure,) = failures(bench, case_of(posting(1, validate=[check])), body.encode())

    assert failure is not None


HEADERS = (
    "headers.Content-Type",
    'headers."Content-Type"',
    "headers.content-type",
    'headers."CONTENT-TYPE"',
    "headers.X-Own",
    "headers.x-own",
    "headers.User-Agent",
)


@pytest.mark.parametrize("written", HEADERS)
def test_a_header_is_found_in_every_spelling(bench: Bench, written: str) -> None:
    headers = (b"Content-Type: text/x", b"X-Own: text/x", b"User-Agent: text/x")
    case = case_of(posting(1, validate=[{"eq": [written, "text/x"]}]))

    assert bench.row(case, {b"/": json_answer(b"{}", *headers)}).passed


@pytest.mark.parametrize("value", [BIG, 2**70, 1e-7, 1e20, 1.0, -0.5])
def test_an_extracted_number_is_sent_as_it_came(bench: Bench, value: float) -> None:
    script = {b"/": json_answer(json.dumps({"v": value}).encode())}
    take = posting(1, extract={"v": "body.v"})
    last = sent(bench, case_of(take, posting("$v")), script)[-1]

    # A float stays a float: 1.0 is not sent as 1.
    assert repr(last) == repr(value)


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "a check with one value": ({"validate": [{"eq": ["status_code"]}]}, "two or three values"),
    "a path that cannot be read": ({"validate": [{"eq": ["body.[", 1]}]}, "'body.['"),
    "an extraction that cannot be read": ({"extract": {"a": "body.["}}, "'body.['"),
}


@pytest.mark.parametrize("words", BROKEN)
def test_what_cannot_be_read_is_told_before_anything_is_sent(bench: Bench, words: str) -> None:
    around, expected = BROKEN[words]
    problems = told(bench, case_of(posting(1, **around)))

    assert expected in problems
    assert "case.yml:1: step 's'" in problems


# Checks of the step, checks of its API, and the merged checks. This is hrp's mergeValidators,
# except that hrp keeps only the first of several checks of the step on one thing.
MERGED: dict[str, tuple[list[Any], list[Any], list[str]]] = {
    "another name of the assertion": (
        [{"eq": ["body.n", 1]}],
        [{"check": "body.n", "assert": "equals", "expect": 2}],
        ["body.n eq"],
    ),
    "another assertion on the same thing": (
        [{"lt": ["status_code", 300]}],
        [{"gt": ["status_code", 500]}],
        ["status_code lt"],
    ),
    "another spelling of the same thing": (
        [{"eq": ["body.n", 1]}, {"startswith": ["headers.content-type", "application"]}],
        [{"eq": ["content.n", 2]}, {"eq": ['headers."Content-Type"', "text/plain"]}],
        ["body.n eq", "headers.content-type startswith"],
    ),
    "two checks of the step on one thing": (
        [{"gt": ["body.n", 0]}, {"lt": ["body.n", 9]}],
        [{"eq": ["body.n", 5]}],
        ["body.n gt", "body.n lt"],
    ),
    "a check of the API on something else": (
        [{"eq": ["body.n", 1]}],
        [{"eq": ["body.list[0].n", 1]}, {"eq": ["status_code", 200]}],
        ["body.n eq", "body.list[0].n eq", "status_code eq"],
    ),
}


@pytest.mark.parametrize("words", MERGED)
def test_a_check_replaces_those_of_the_api_on_the_same_thing(bench: Bench, words: str) -> None:
    own, api, left = MERGED[words]
    bench.write("api.json", json.dumps({"request": {"method": "GET", "url": "/"}, "validate": api}))
    step = {"name": "s", "api": "api.json", "validate": own}
    body = b'{"n": 1, "list": [{"n": 1}]}'
    answer = json_answer(body, b"Content-Type: application/json")
    (trace,) = bench.row(case_of(step), {b"/": answer}).traces

    assert [f"{verdict.text} {verdict.assertion}" for verdict in trace.checks] == left
    assert trace.passed
