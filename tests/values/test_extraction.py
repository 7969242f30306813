"""Test extraction from a response."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from boomtalk.engine.case.model import Written
from boomtalk.engine.errors import CaseError, StepFailed
from boomtalk.engine.values.extraction import compile_extraction
from boomtalk.engine.values.variables import compile_variables
from multidict import CIMultiDict

from .conftest import PLACE, nested, response

BODY = {
    "code": 0,
    "token": "t$x",
    "big": 9007199254740993,
    "small": 1e-7,
    "items": [{"id": 1, "n": "a"}, {"id": 2, "n": "b"}],
    "odd key": {"x-y": 1},
    "null": None,
    "content": {"json": {"x": 3}},
    "odd-name": "odd",
    "用户": "用",
    "by_number": {"2024": "a year", "5xx": "errors", "-7": "minus seven"},
    "ns:item": 1,
    "a/b": {"@type": "t"},
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
    ("cookies", {"sid": "11", "my-sid": "22", "ASP.NET_SessionId": "33"}),
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
    ("body.odd-name", "odd"),
    ("body.items[0].x-y", None),
    ("body.用户", "用"),
    ("body.items.1.n", "b"),
    ("content.items.0.id", 1),
    ("body.items.7.n", None),
    ("body.by_number.2024", "a year"),
    ("body.by_number.5xx", "errors"),
    ("body.items[?id>`1`].n | [0]", "b"),
    ("cookies.my-sid", "22"),
    ('cookies."my-sid"', "22"),
    ("cookies.ASP.NET_SessionId", "33"),
    ("keys(headers)", ["Content-Type", "X-Request-Id"]),
    ("length(@.cookies)", 3),
    ("[body.code, status_code, @][2].status_code", 200),
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_a_search_finds(extract: Any, text: str, value: Any) -> None:
    assert extract(text, BODY) == value


# HttpRunner 1 and 2 walked by dots, into lists and texts, and named more of a response.
OLD = [
    ("content", BODY),
    ("json", BODY),
    ("text", BODY),
    ("text.code", 0),
    ("text.items.0.n", "a"),
    ("content.items.-1.n", "b"),
    ("content.items.-2.id", 1),
    ("content.items.-3.id", None),
    ("content.items.01.n", "b"),
    ("content.items.0.n.0", "a"),
    ("content.token.-1", "x"),
    ("content.token.9", None),
    ("content.code.0", None),
    ("content.by_number.-7", "minus seven"),
    ("content.ns:item", 1),
    ("content.a/b.@type", "t"),
    ("json.items.0.x-y", None),
    ("ok", True),
    ("reason", "Fine"),
    ("url", "http://shop/cart"),
    ("encoding", "utf-8"),
    ("elapsed.total_seconds", 0.0125),
    ("elapsed.seconds", 0),
    ("elapsed.microseconds", 12500),
    ("elapsed.days", 0),
]


@pytest.mark.parametrize(("text", "value"), OLD)
def test_a_search_in_the_spelling_of_version_2_finds(extract: Any, text: str, value: Any) -> None:
    assert extract(text, BODY, reason="Fine", url="http://shop/cart") == value


# Version 2 took a text that begins with `$.` as JSONPath, and got the list of all that it finds.
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$.code", [0]),
        ("$.items[0].n", ["a"]),
        ("$.items[*].n", ["a", "b"]),
        ("$.items.*.id", None),
        ("$['odd key']['x-y']", [1]),
        ("$.odd-name", ["odd"]),
        ("$.nope", [None]),
    ],
)
def test_a_jsonpath_finds_a_list(extract: Any, text: str, value: Any) -> None:
    assert extract(text, BODY) == value


@pytest.mark.parametrize("text", ["$..id", "$.items[?(@.id==1)].n", "$.items[0:1]", "$.a[0,1]"])
def test_a_jsonpath_that_is_none_in_jmespath_is_told(extract: Any, text: str) -> None:
    with pytest.raises(CaseError, match=r"case.yml:7: .*JSONPath cannot be read; write JMESPath:"):
        extract(text, BODY)


@pytest.mark.parametrize(
    ("text", "value"),
    [("content.0", "first"), ("content.-1.id", 3), ("body.1.id", None), ("json.2.id", 3)],
)
def test_a_dot_index_finds_in_a_body_that_is_a_list(extract: Any, text: str, value: Any) -> None:
    assert extract(text, ["first", {"name": "second"}, {"id": 3}]) == value


@pytest.mark.parametrize(("status", "ok"), [(200, True), (302, True), (404, False), (500, False)])
def test_ok_is_a_status_below_400(extract: Any, status: int, ok: bool) -> None:
    assert extract("ok", "", status=status) is ok


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("text/html; charset=GBK", "GBK"),
        ('application/json; charset="UTF-8"', "UTF-8"),
        ("application/json", "utf-8"),
        ("text/plain", "ISO-8859-1"),
        ("image/png", None),
        ("", None),
    ],
)
def test_the_encoding_is_that_of_the_content_type(
    extract: Any, content_type: str, encoding: str | None
) -> None:
    assert extract("encoding", "", headers=CIMultiDict({"Content-Type": content_type})) == encoding


@pytest.mark.parametrize("word", ["ok", "url", "reason", "text", "content", "text.a", "encoding"])
def test_a_word_of_version_2_in_a_variable_is_a_value(functions: Any, word: str) -> None:
    variables = compile_variables({"v": Written(word, PLACE)}, functions)
    extraction = compile_extraction(Written("$v", PLACE), functions)

    assert extraction.value(response(), variables.evaluate_now({})) == word


@pytest.mark.parametrize(
    "text", ["foo.bar", "somebody", "my status_code", "plain", "contentment", "@.foo", "@body", ""]
)
def test_a_text_that_names_no_part_of_the_response_is_itself(extract: Any, text: str) -> None:
    assert extract(text, BODY) == text


# A `$$` means a dollar sign in a search, as in every text of a case.
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('body._id."$$oid"', "5f1"),
        ('body."$$ref-$n"', "r"),
        ("body.list[?cur=='US$$'].n | [0]", 7),
        (r"cost: \$$(.*)-$n$$", "4"),
        (r"cost: \$$(.*)$$", "4-1"),
    ],
)
def test_a_dollar_sign_is_written_twice_in_a_search(extract: Any, text: str, value: Any) -> None:
    body = {"_id": {"$oid": "5f1"}, "$ref-1": "r", "list": [{"cur": "US$", "n": 7}]}

    assert extract(text, body, {"n": 1}, text="cost: $4-1") == value


def test_a_value_that_looks_like_a_search_is_only_a_value(extract: Any) -> None:
    assert extract("$v", BODY, {"v": "body.token"}) == "body.token"
    assert extract("x${echo(body.token)}", BODY) == 'x["body.token"]'


@pytest.mark.parametrize("path", ["text.$v", "json.$v", "$.$v", "body.$v", "content.items.$v"])
def test_a_value_within_a_path_makes_no_pattern_of_it(extract: Any, path: str) -> None:
    for value in (r"(\d+)", "(" * 100_000, "(.+" * 50_000):
        with pytest.raises(StepFailed) as failure:
            extract(path, BODY, {"v": value}, text="5")
        assert failure.value.kind == "extract"


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
        ("(?:x=(.*))?$", "y", None),
        (r"id=(\d+)", "x id=42; y", "42"),
        ('"id":"([^"]+)"', '{"id":"a-1"}', "a-1"),
        (r"LB[\d]*(.+?)RB[\d]*", "LB123abcRB789", "abc"),
        ("token=([a-f0-9]{4})", "token=beef", "beef"),
        ("state (on|off)", "the state off", "off"),
        (r"(?P<year>\d{4})-", "on 2024-01", "2024"),
        (r"id=(\d+)", "nothing here", None),
    ],
)
def test_a_regular_expression_gives_its_group_from_any_body(
    extract: Any, text: str, body: str, value: Any
) -> None:
    assert extract(text, {"json": "too"}, text=body) == value


@pytest.mark.parametrize(
    "text", ["Hello (world)", "length(data)", "f(a, b)", "join(',', names[*].x)", "${token()}(x)"]
)
def test_brackets_alone_make_no_regular_expression(extract: Any, text: str) -> None:
    assert extract(text, "", text=text) == text.replace("${token()}", "t0ken")


def test_a_regular_expression_may_hold_a_variable(extract: Any) -> None:
    assert extract("$key=(.*);", "", {"key": "id"}, text="id=7;") == "7"


@pytest.mark.parametrize(
    ("body", "value"), [(123, 123), (None, None), ("", ""), ("text", "text"), ([1], [1])]
)
def test_the_body_may_be_any_value(extract: Any, body: Any, value: Any) -> None:
    assert extract("body", body) == value


@pytest.mark.parametrize("text", ["body.[", "body..x", "headers.", "length(body", "x(.*)["])
def test_a_search_that_cannot_be_read_is_told_before_the_run(extract: Any, text: str) -> None:
    with pytest.raises(CaseError, match=r"not a (JMESPath|regular) expression") as error:
        extract(text, BODY)

    assert str(error.value).startswith("case.yml:7: step 'login'")


# `re` raises OverflowError and RecursionError besides its own error; JMESPath's parser nests
# without a limit of its own and reads numbers of any length.
UNREADABLE = [
    "a{99999999999}(.*)",
    "(" * 2_000 + "(.*)" + ")" * 2_000,
    "(?P<n>(.*)",
    "(?<=a+)(.*)",
    "[(.*)]",
    r"\9(.*)",
    "body[?" + "(" * 2_000,
    "body." + "[" * 2_000,
    "body[0" + "9" * 5_000 + ":1]",
    "body.a]",
    "body.`{`",
    'body."""',
    "body.x y",
    "body | max_by(",
]


@pytest.mark.parametrize("text", UNREADABLE)
def test_a_search_is_told_whatever_the_library_raises(extract: Any, text: str) -> None:
    with pytest.raises(CaseError) as error:
        extract(text, BODY)

    assert str(error.value).startswith("case.yml:7: step 'login'")
    assert len(str(error.value)) < 700


def late(text: str) -> dict[str, str]:
    """Return the rest of a search as a value that comes at run time."""
    return {"end": text.removeprefix("body"), "all": text.removesuffix("(.*)")}


@pytest.mark.parametrize("text", [text for text in UNREADABLE if not text.endswith(")]")])
def test_a_late_search_fails_the_step_whatever_the_library_raises(extract: Any, text: str) -> None:
    with pytest.raises(StepFailed) as failure:
        extract("body$end" if text.startswith("body") else "$all(.*)", BODY, late(text))

    assert failure.value.kind == "extract"


def test_a_path_that_cannot_be_read_says_how_to_write_it(extract: Any) -> None:
    with pytest.raises(CaseError, match=r'in quotes: body\."x y"'):
        extract("body.a b", BODY)


@contextmanager
def suppress_failure(kind: str) -> Iterator[None]:
    """Let the block fail as a step of this kind, or not at all."""
    try:
        yield
    except StepFailed as failure:
        if failure.kind != kind or len(failure.message) > 500:
            raise


ODD = [
    "to_string(body)",
    "sum(body.big)",
    "avg(body.numbers)",
    "sort(body.mixed)",
    "sort_by(body.mixed, &a)",
    "body.mixed[::0]",
    "to_number(body.digits)",
    "to_string(body.huge)",
    "join(',', body.mixed)",
    "body.deep == body.deeper",
    "contains(body.deep, body.deeper)",
    "max_by(body.numbers, &@)",
    "reverse(body.huge)",
    "abs(body.mixed)",
]


@pytest.mark.parametrize("text", ODD)
def test_no_value_of_a_body_gets_past_a_search(extract: Any, text: str) -> None:
    body = {
        "big": [10**400, 1e308, 1e308],
        "numbers": [1e308, 1e308],
        "mixed": [1, "a", None, [2], {"a": 1}, {"a": "x"}],
        "digits": "9" * 5_000,
        "huge": 10**5_000,
        "deep": nested(3_000),
        "deeper": nested(3_001),
    }
    with suppress_failure("extract"):
        extract(text, body)


# HttpRunner 4 searches by any text that names a field (its response.go, searchField); here a
# text is a search where the author wrote it in the case.
def test_a_variable_of_the_case_may_hold_the_search(functions: Any, write: Any) -> None:
    variables = compile_variables(
        {"path": write("body.$key"), "other": write("$path"), "text": write("token")}, functions
    )
    scope = variables.evaluate_now({"key": "token"})

    for text, value in (("$path", "t$x"), ("${other}", "t$x"), ("$text", "token")):
        assert compile_extraction(write(text), functions).value(response(body=BODY), scope) == value
    # Within a longer text, and sent on, it is the text it was.
    longer = compile_extraction(write("x $path"), functions).value(response(body=BODY), scope)
    assert (longer, type(longer)) == ("x body.token", str)


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
