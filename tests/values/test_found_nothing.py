"""Test the explanation for a search that found nothing."""

from __future__ import annotations

from typing import Any

import pytest
from boomtalk.engine.values.extraction import compile_extraction
from boomtalk.engine.values.found_nothing import found_nothing
from boomtalk.engine.values.variables import compile_variables

from .conftest import response

BODY = {"data": {"user": {"id": 7}, "rows": [1, 2], "none": None, "empty": {}}, "text": "plain"}
TOLD = [
    ("body.token", "body.token found nothing in the response (has: data, text)"),
    (
        "body.data.usr.id",
        "body.data.usr.id found nothing in the response (body.data has: user, rows, none, empty)",
    ),
    (
        "body.data.rows[2]",
        "body.data.rows[2] found nothing in the response (body.data.rows is a list of 2)",
    ),
    ("body.text.a", "body.text.a found nothing in the response (body.text is a text)"),
    (
        "body.data.none.a",
        "body.data.none.a found nothing in the response (body.data.none is null)",
    ),
    (
        "body.data.empty.a",
        "body.data.empty.a found nothing in the response (body.data.empty is an empty map)",
    ),
    ("body.data.none", "body.data.none is null in the response"),
    ("body.$key", "body.tokne found nothing in the response (has: data, text)"),
    ("$path", "body.nope found nothing in the response (has: data, text)"),
    (
        "headers.X-Nope",
        "headers.X-Nope found nothing in the response (has: Content-Type, X-Request-Id)",
    ),
    (
        "cookies.nope",
        "cookies.nope found nothing in the response (has: sid, my-sid, ASP.NET_SessionId)",
    ),
    ("body.data.*.nope | [0]", "body.data.*.nope | [0] found nothing in the response"),
    ("token=(.*);", "token=(.*); matches nothing in the body"),
    ("$key", ""),
]


@pytest.mark.parametrize(("text", "told"), TOLD)
def test_a_sentence_says_where_the_search_ended(
    functions: Any, write: Any, text: str, told: str
) -> None:
    path = compile_variables({"path": write("body.nope")}, functions)
    scope = path.evaluate_now({"key": "tokne"})
    extraction = compile_extraction(write(text), functions)

    assert found_nothing(extraction, response(body=BODY), scope) == told


def test_a_body_of_many_names_is_not_told_whole(functions: Any, write: Any) -> None:
    body = {f"name {number} {'x' * 100}": number for number in range(500)}
    extraction = compile_extraction(write("body.nope"), functions)
    told = found_nothing(extraction, response(body=body), {})

    assert "and 490 more" in told
    assert len(told) < 600


@pytest.mark.parametrize("body", [None, "", "<html>", 5, []])
def test_a_body_without_names_is_told_as_what_it_is(functions: Any, write: Any, body: Any) -> None:
    extraction = compile_extraction(write("body.a"), functions)

    assert found_nothing(extraction, response(body=body), {}).startswith("body.a found nothing")
