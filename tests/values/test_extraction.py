"""What is read out of a response."""

from __future__ import annotations

from typing import Any

import pytest
from boomtalk.engine.errors import CaseError, StepFailed

BODY = {
    "code": 0,
    "token": "t$x",
    "big": 9007199254740993,
    "small": 1e-7,
    "items": [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}],
    "odd key": {"x-y": 1},
    "null": None,
    "content": {"json": {"x": 3}},
}
FOUND = [
    ("status_code", 200),
    ("proto", "HTTP/1.1"),
    ("elapsed", 12.5),
    ("body", BODY),
    ("body.code", 0),
    ("body.token", "t$x"),
    ("body.big", 9007199254740993),
    ("body.small", 1e-7),
    ("body.items[0].id", 1),
    ("body.items[-1].n", "b"),
    ("body.items[-2].n", "a"),
    ("body.items[2]", None),
    ("body.items[-3]", None),
    ("body.nope", None),
    ("body.code.deeper", None),
    ("body.items.id", None),
    ("body.null.x", None),
    ('body."odd key"."x-y"', 1),
    ("content.token", "t$x"),
    ("@.body.token", "t$x"),
    ("@.content.items[0].id", 1),
    ("@.headers.content-type", "application/json"),
    ("@.body.items[*].n", ["a", "b"]),
    ("json.items[1].id", 2),
    ("content.items[*].id", [1, 2]),
    ("body.content.json.x", 3),
    ("headers", {"Content-Type": "application/json", "X-Request-Id": "r1"}),
    ("cookies", {"sid": "11"}),
    ("headers.Content-Type", "application/json"),
    ("headers.content-type", "application/json"),
    ('headers."Content-Type"', "application/json"),
    ('headers."content-type"', "application/json"),
    ("headers.x-request-id", "r1"),
    ("headers.X-Nope", None),
    ("cookies.sid", "11"),
    ("cookies.nope", None),
    ("body.items[?id==`1`].n | [0]", "a"),
    ("sum(body.items[*].id)", 3),
    ("length(body.items)", 2),
    ("[status_code, body.code]", [200, 0]),
    ("{code: body.code}", {"code": 0}),
    ("starts_with(headers.content-type, 'application/')", True),
    ("body.items[*].n | join('-', @)", "a-b"),
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_a_search_finds(extract: Any, text: str, value: Any) -> None:
    assert extract(text, BODY) == value


@pytest.mark.parametrize(
    "text", ["foo.bar", "somebody", "my status_code", "plain", "contentment", "@.foo", "@body", ""]
)
def test_a_text_that_names_no_part_of_the_response_is_itself(extract: Any, text: str) -> None:
    assert extract(text, BODY) == text


def test_a_value_that_looks_like_a_search_is_only_a_value(extract: Any) -> None:
    assert extract("$v", BODY, {"v": "body.token"}) == "body.token"
    assert extract("x${echo(body.token)}", BODY) == 'x["body.token"]'


def test_variables_take_part_in_a_search(extract: Any) -> None:
    assert extract("body.items[$i].n", BODY, {"i": 1}) == "b"
    assert extract("body.items[?n=='${max(1, $i)}']", BODY, {"i": 1}) == []
    assert extract("headers.$name", BODY, {"name": "X-Request-Id"}) == "r1"


def test_a_search_may_await_a_plugin_function(extract: Any) -> None:
    assert extract("body.${token()}", {"t0ken": 5}) == 5


@pytest.mark.parametrize(
    ("text", "body", "value"),
    [
        ("id=(.*);", "x id=42; y", "42"),
        ('"a": "(.*)"', '{"a": "b"}', "b"),
        ("id=(.*);", "nothing here", None),
        ("first (.*)", "first line\nsecond", "line"),
        ("body (.*) end", "body of text end", "of text"),
    ],
)
def test_a_regular_expression_gives_its_group_from_any_body(
    extract: Any, text: str, body: str, value: Any
) -> None:
    assert extract(text, {"json": "too"}, text=body) == value


def test_a_regular_expression_may_hold_a_variable(extract: Any) -> None:
    assert extract("$key=(.*);", "", {"key": "id"}, text="id=7;") == "7"


@pytest.mark.parametrize(
    ("body", "value"), [(123, 123), (None, None), ("", ""), ("text", "text"), ([1], [1])]
)
def test_the_body_may_be_any_value(extract: Any, body: Any, value: Any) -> None:
    assert extract("body", body) == value


@pytest.mark.parametrize("text", ["body.[", "body..x", "headers.", "length(body", "x(.*)["])
def test_a_search_that_cannot_be_read_is_told_before_the_run(extract: Any, text: str) -> None:
    with pytest.raises(CaseError, match=r"not a (JMESPath|regular) expression"):
        extract(text, BODY)


def test_a_search_that_cannot_be_evaluated_fails_the_step(extract: Any) -> None:
    with pytest.raises(StepFailed, match="length") as failure:
        extract("length(body.nope)", BODY)

    assert failure.value.kind == "extract"


def test_a_search_made_wrong_by_a_variable_fails_the_step(extract: Any) -> None:
    with pytest.raises(StepFailed, match="JMESPath") as failure:
        extract("body.items[$i]", BODY, {"i": "["})

    assert failure.value.kind == "extract"


def test_an_undefined_variable_in_a_search_fails_the_step(extract: Any) -> None:
    with pytest.raises(StepFailed, match=r"\$nope is not defined"):
        extract("body.$nope", BODY)
