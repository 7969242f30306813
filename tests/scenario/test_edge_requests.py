"""Test edge cases of requests: their URLs and their content."""

from __future__ import annotations

import json
from typing import Any

import pytest
from boomtalk.engine import load_cases

from tests.http.scripted_server import OK
from tests.scenario.bench import Bench

from .outcome import anything, asked_for, case_of

# The path of base_url, the step's url, and the requested path.
PATHS: dict[str, tuple[str, str, str]] = {
    "the query of the base is dropped": ("/abc?x=6", "/get?a=1", "/abc/get?a=1"),
    "no slash is added to a path": ("", "/get", "/get"),
    "a slash at the end stays": ("", "/get/", "/get/"),
    "an empty url is the base itself": ("/raw", "", "/raw"),
    "an escape that is none is sent as text": ("", "/%zz", "/%25zz"),
}


@pytest.mark.parametrize("words", PATHS)
def test_a_url_leads_to(bench: Bench, words: str) -> None:
    base, url, path = PATHS[words]
    step = {"request": {"method": "GET", "url": url}}

    assert asked_for(bench, case_of(step, base_url=f"$URL{base}"), anything(path)) == [path]


def test_an_empty_url_of_a_websocket_is_the_base_itself(bench: Bench) -> None:
    step = {"websocket": {"type": "open", "url": ""}}
    # The server refuses the handshake; the test is about the requested path.
    asked = asked_for(bench, case_of(step, base_url="$URL/raw"), anything("/raw"))

    assert asked == ["/raw"]


BODIES: dict[str, tuple[dict[str, Any], bytes, bytes | None]] = {
    "a number as JSON": ({"json": 5}, b"5", b"application/json; charset=utf-8"),
    "a boolean as JSON": ({"json": True}, b"true", b"application/json; charset=utf-8"),
    "a text as JSON": ({"json": "s"}, b'"s"', b"application/json; charset=utf-8"),
    "a map as data without a header": (
        {"data": {"a": 1}},
        b'{"a":1}',
        b"application/json; charset=utf-8",
    ),
    "a text as data": ({"data": "a=1"}, b"a=1", None),
}


@pytest.mark.parametrize("words", BODIES)
def test_a_body_is_sent_as(bench: Bench, words: str) -> None:
    written, body, content_type = BODIES[words]
    step = {"request": {"method": "POST", "url": "/", **written}}
    _, server = bench.run(case_of(step))

    assert [(one.body, one.header(b"content-type")) for one in server.asked] == [
        (body, content_type)
    ]


@pytest.mark.parametrize(
    ("value", "part"), [('"@x"', b"@x"), ("@note.txt", b"a note"), ("plain", b"plain")]
)
def test_an_upload_sends_a_file_unless_the_at_sign_is_quoted(
    bench: Bench, value: str, part: bytes
) -> None:
    bench.write("note.txt", "a note")
    step = {"request": {"method": "POST", "url": "/", "upload": {"field": value}}}
    _, server = bench.run(case_of(step))

    assert b"\r\n\r\n" + part + b"\r\n" in server.asked[0].body


HEADERS = {"X-Number": 5, "X-Fraction": 1.5, "X-Flag": True}


@pytest.mark.parametrize("name", ["case.yml", "case.json"])
def test_a_header_may_be_a_number(bench: Bench, name: str) -> None:
    text = json.dumps({"config": {"headers": HEADERS}, "teststeps": []})
    (case,) = load_cases([bench.write(name, text)]).cases

    written = {key: value.value for key, value in case.config.headers.items()}
    assert written == {"X-Number": "5", "X-Fraction": "1.5", "X-Flag": "true"}


def test_a_number_in_a_header_is_sent_as_it_was_written(bench: Bench) -> None:
    _, server = bench.run(
        """
        config: {name: c, base_url: $URL, headers: {X-Price: 1.50, X-Code: 007, X-None: null}}
        teststeps: [{request: {method: GET, url: /}}]
        """,
        {b"/": OK},
    )
    (asked,) = server.asked
    names = (b"x-price", b"x-code", b"x-none")
    assert [asked.header(name) for name in names] == [b"1.50", b"007", b""]
