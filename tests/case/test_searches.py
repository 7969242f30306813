"""Test which texts are searches, and which spellings mean the same search."""

from __future__ import annotations

import pytest
from boomtalk.engine.case.searches import as_jmespath, is_search, modern, same_part

# HttpRunner 2 and 3 rewrite `content.x`, `json.x`, `list.0.x` and `content-*` items; JMESPath's
# grammar wants quotes around items of other characters (jmespath.org, identifiers).
REWRITTEN = [
    ("body.user-agent", 'body."user-agent"'),
    ("body.a-b[0].c-d.e", 'body."a-b"[0]."c-d".e'),
    ("cookies.my-sid", 'cookies."my-sid"'),
    ("headers.X-Request-Id", 'headers."X-Request-Id"'),
    ("content.rows.0.row-id", 'body.rows[0]."row-id"'),
    ("json.rows.12", "body.rows[12]"),
    ("text.rows.-1.id", "body.rows[-1].id"),
    ("content.ns:row.@id", 'body."ns:row"."@id"'),
    ("cookies.ASP.NET_SessionId", 'cookies."ASP.NET_SessionId"'),
    ("@.body.a-b", 'body."a-b"'),
    ("body.用户.名", 'body."用户"."名"'),
    ("body.2nd-row.5xx", 'body."2nd-row"."5xx"'),
    (
        "body.rows[?a-b=='c-d' && e-f==`\"g-h\"`].i-j",
        'body.rows[?"a-b"==\'c-d\' && "e-f"==`"g-h"`]."i-j"',
    ),
    ("body.rows[0:-1].n", "body.rows[0:-1].n"),
    ("{a-b: body.c-d}", '{"a-b": body."c-d"}'),
    ("max_by(body.rows, &n-m).id", 'max_by(body.rows, &"n-m").id'),
    ('body."x-y.0".z', 'body."x-y.0".z'),
    ('body."say \\"a-b\\"".c', 'body."say \\"a-b\\"".c'),
    ("body.a | join('.0-', @)", "body.a | join('.0-', @)"),
    ("body.plain.path_1[3]", "body.plain.path_1[3]"),
]


@pytest.mark.parametrize(("text", "path"), REWRITTEN)
def test_a_path_becomes_jmespath(text: str, path: str) -> None:
    assert as_jmespath(modern(text)) == path


@pytest.mark.parametrize(
    "text",
    [
        *("body", "body.a", "@.body", "content.a", "length(body.a)", "[body]", "x=(.*);", "!body"),
        *("content", "text", "text.a.0", "json", "ok", "url", "reason", "encoding", "x=(.+?);"),
    ],
)
def test_a_text_that_begins_with_a_part_of_the_response_is_a_search(text: str) -> None:
    assert is_search(text)


@pytest.mark.parametrize(
    "text",
    ["body-lotion", "somebody", "bodyguard", "headers-up", "contents.a", "a body", "okay", "urls"],
)
def test_any_other_text_is_none(text: str) -> None:
    assert not is_search(text)


SAME = [
    ("body.token", "content.token"),
    ("body.token", ' body."token" '),
    ("body.rows[0].id", "json.rows.0.id"),
    ("headers.Content-Type", 'headers."content-type"'),
    ("body.x-y", 'body."x-y"'),
    ("@.status_code", "status_code"),
    ("text.rows.-1.id", "body.rows[-1].id"),
    ("content", "body"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_part_are_the_same(one: str, other: str) -> None:
    assert same_part(one) == same_part(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("body.Token", "body.token"), ("body.a", "body.a[0]"), ("a(.*)b", "A(.*)b"), ("$x", "$y")],
)
def test_parts_that_differ_stay_apart(one: str, other: str) -> None:
    assert same_part(one) != same_part(other)
