"""Test how URLs are joined and bodies are encoded."""

from __future__ import annotations

import pytest
from boomtalk.engine.errors import StepFailed
from boomtalk.engine.request.body import JSON_TYPE, encode_body
from boomtalk.engine.request.url import resolve

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("base", "url", "whole"),
    [
        ("http://h", "/get", "http://h/get"),
        ("http://h/", "get", "http://h/get"),
        ("http://h/abc?x=6", "/get?a=1", "http://h/abc/get?a=1"),
        ("http://h/abc/", "//get//it", "http://h/abc/get/it"),
        ("http://h/abc", "../get", "http://h/get"),
        ("http://h/abc", "", "http://h/abc"),
        ("http://h", "/get/", "http://h/get/"),
        ("http://h", "/a%2Fb", "http://h/a%2Fb"),
        ("http://h", "https://other:8443/x?y=1", "https://other:8443/x?y=1"),
        ("http://h:81", "/x?next=http://y/", "http://h:81/x?next=http://y/"),
        ("", "http://h/alone", "http://h/alone"),
    ],
)
def test_urls_join_as_authors_expect(base: str, url: str, whole: str) -> None:
    assert str(resolve(base, url)) == whole


def test_params_follow_the_urls_own_query() -> None:
    url = resolve("http://h", "/s?a=1", [("q", "x y"), ("q", "ü"), ("e", "a&b")])
    assert url.raw_path_qs == "/s?a=1&q=x+y&q=%C3%BC&e=a%26b"


@pytest.mark.parametrize("base", ["", "example.com", "/x"])
def test_a_relative_url_needs_a_whole_base(base: str) -> None:
    with pytest.raises(StepFailed, match="relative URL"):
        resolve(base, "/get")


@pytest.mark.parametrize(
    ("kind", "value", "content_type", "data", "sets"),
    [
        ("json", {"b": 1, "a": [None, True]}, "", b'{"b":1,"a":[null,true]}', JSON_TYPE),
        ("json", "s", "", b'"s"', JSON_TYPE),
        ("json", 5, "", b"5", JSON_TYPE),
        ("json", None, "", b"", None),
        ("json", '{"a":  1}', "", b'{"a":  1}', JSON_TYPE),
        ("json", " [1] ", "", b" [1] ", JSON_TYPE),
        ("json", "[1", "", b'"[1"', JSON_TYPE),
        ("json", {"a": 1}, "application/vnd.x+json", b'{"a":1}', None),
        ("json", {"a": 1}, "text/plain", b'{"a":1}', JSON_TYPE),
        ("json", {"n": 2**70}, "", b'{"n":%d}' % 2**70, JSON_TYPE),
        ("json", {"a": b"\xff"}, "", b'{"a":"/w=="}', JSON_TYPE),
        ("json", [2**70, b"hi"], "", b'[%d,"aGk="]' % 2**70, JSON_TYPE),
        ("data", {"a": 1, "b": ["x", "y"], "c": None}, FORM, b"a=1&b=x&b=y", None),
        ("data", {"a": 1}, "", b'{"a":1}', JSON_TYPE),
        ("data", "raw ü", "", "raw ü".encode(), None),
        ("body", [1, 2], FORM, b"[1,2]", None),
        ("body", None, "", b"", None),
        ("body", b"\x00\xff", "", b"\x00\xff", None),
        ("body", 5, "", b"5", None),
    ],
)
def test_bodies_follow_the_key_and_the_content_type(
    kind: str, value: object, content_type: str, data: bytes, sets: str | None
) -> None:
    assert encode_body(kind, value, content_type) == (data, sets)


@pytest.mark.parametrize("value", [float("nan"), {"a": [float("inf")]}, {"a": {1, 2}}])
def test_what_json_cannot_hold_is_an_error(value: object) -> None:
    with pytest.raises(StepFailed, match="not JSON"):
        encode_body("json", value, "")
