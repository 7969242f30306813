"""Test the parts of a request on the wire that the author's text does not fix."""

from __future__ import annotations

from base64 import b64encode

from tests.http.scripted_server import OK, Asked

from .bench import Bench, rows_of

SETS_COOKIE = b"HTTP/1.1 200 OK\r\nSet-Cookie: sid=jar\r\nContent-Length: 0\r\n\r\n"


def cookie_lines(asked: Asked) -> list[bytes]:
    lines = [line.partition(b": ") for line in asked.head.split(b"\r\n")]
    return [value for name, _, value in lines if name.lower() == b"cookie"]


def test_names_of_params_and_headers_may_be_expressions(bench: Bench) -> None:
    outcome, server = bench.load(
        """
        config: {name: x, base_url: $URL, variables: {name: sign, v: 1}, headers: {"X-$name": a}}
        teststeps:
          - {name: a, request: {method: GET, url: /, params: {$name: $v}, headers: {"Y-$name": b}}}
        """,
        {b"/?sign=1": OK},
    )
    assert rows_of(outcome) == {"a": (1, 1, 0, 0)}
    assert [server.asked[0].header(name) for name in (b"x-sign", b"y-sign")] == [b"a", b"b"]


def test_all_cookies_stand_in_one_line_and_those_of_the_step_win(bench: Bench) -> None:
    _, server = bench.load(
        """
        config: {name: x, base_url: $URL}
        teststeps:
          - {name: a, request: {method: GET, url: /in}}
          - name: b
            request: {method: GET, url: /, headers: {cookie: "sid=own;h=1"}, cookies: {c: "2"}}
          - {name: c, request: {method: GET, url: /, cookies: {c: "a b", d: "1,2", e: '"q r"'}}}
        """,
        {b"/in": SETS_COOKIE, b"/": OK},
    )
    assert [cookie_lines(one) for one in server.asked[1:]] == [
        [b"sid=own; h=1; c=2"],
        [b'sid=jar; c="a b"; d="1,2"; e="q r"'],
    ]


def test_a_user_in_the_url_is_told_as_basic_authorization(bench: Bench) -> None:
    bench.functions["amy_at"] = lambda url: url.replace("//", "//amy:p%40ss@")
    _, server = bench.load(
        """
        config: {name: x}
        teststeps:
          - {name: a, request: {method: GET, url: "${amy_at($URL)}/"}}
          - name: b
            request: {method: GET, url: "${amy_at($URL)}/", headers: {authorization: own}}
        """,
        {b"/": OK},
    )
    told = [one.header(b"authorization") for one in server.asked]
    assert told == [b"Basic " + b64encode(b"amy:p@ss"), b"own"]
    assert all(b"amy" not in one.head.partition(b"\r\n")[0] for one in server.asked)
