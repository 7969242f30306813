"""Test headers that are made for the author: Accept-Encoding, Authorization and Cookie."""

from __future__ import annotations

import brotli
import pytest
from boomtalk.engine import CaseError
from boomtalk.engine.http.cookies import Pairs
from boomtalk.engine.request.headers import ask_for_readable
from boomtalk.engine.request.own_cookies import own_cookies
from multidict import CIMultiDict

from tests.http.scripted_server import OK
from tests.scenario.bench import Bench, errors_of, rows_of


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("gzip, deflate, br, zstd", "gzip, deflate, br, zstd"),
        ("GZIP;q=0.5,BR", "GZIP;q=0.5,BR"),
        ("x-gzip, identity;q=0", "x-gzip, identity;q=0"),
        ("gzip, deflate, br, zstd, dcb, dcz", "gzip, deflate, br, zstd"),
        ("compress;q=1.0, gzip", "gzip"),
        ("gzip, *;q=0.1", "gzip"),
        ("gzip, *;q=0", "gzip, *;q=0"),
        ("compress;q=0.000, gzip", "compress;q=0.000, gzip"),
        ("*", "gzip, deflate, br, zstd"),
        ("compress, exi", "identity"),
        ("", ""),
    ],
)
def test_only_what_can_be_read_is_asked_for(asked: str, sent: str) -> None:
    """RFC 9110, 12.5.3."""
    headers = CIMultiDict({"accept-encoding": asked})

    ask_for_readable(headers)

    assert headers["Accept-Encoding"] == sent


@pytest.mark.parametrize(
    ("line", "cookies"),
    [
        ("sid=1; a=2", (("sid", "1"), ("a", "2"))),
        ("sid=app; sid=root;", (("sid", "app"), ("sid", "root"))),
        ("a=1==;b=", (("a", "1=="), ("b", ""))),
    ],
)
def test_a_cookie_header_is_the_steps_own_cookies(line: str, cookies: Pairs) -> None:
    headers = CIMultiDict({"COOKIE": line})

    assert own_cookies({}, headers) == cookies
    assert not headers


BASIC = b"Basic dXNlcjpwQHNz"  # user:p@ss


@pytest.mark.parametrize(
    ("config", "url"),
    [
        ("base_url: 'http://user:p%40ss$AT_HOST'", "/x"),
        ("base_url: 'http://user:p%40ss$AT_HOST/'", "x"),
        ("environs: {base_url: 'http://user:p%40ss$AT_HOST'}", "/x"),
        ("variables: {who: 'user:p%40ss'}", "http://${who}$AT_HOST/x"),
    ],
)
def test_the_user_of_a_url_is_let_in_wherever_it_comes_from(
    config: str, url: str, bench: Bench
) -> None:
    """RFC 7617; shown nowhere, and not in the request line either."""
    case = f"""
        config: {{name: c, {config}}}
        teststeps: [{{name: ask, request: {{method: GET, url: '{url}'}}}}]
        """
    results, server = bench.run(case, {b"/x": OK})
    assert results.passed
    (asked,) = server.asked
    assert asked.header(b"authorization") == BASIC
    assert asked.line == b"GET /x HTTP/1.1"
    assert asked.header(b"host") == server.url.partition("//")[2].encode()
    (trace,) = results.rows[0].traces
    assert trace.request is not None
    assert "p%40ss" not in str(trace.request.url)


def test_an_authorization_of_the_author_wins(bench: Bench) -> None:
    _, server = bench.load(
        """
        config: {name: c, base_url: "http://user:p%40ss$AT_HOST"}
        teststeps:
          - {name: ask, request: {method: GET, url: /, headers: {authorization: Bearer x}}}
        """
    )
    assert server.asked[0].header(b"authorization") == b"Bearer x"


def test_a_hook_may_write_a_user_into_the_url(bench: Bench) -> None:
    bench.functions = {
        "let_in": lambda request: {
            **request,
            "url": request["url"].replace("//", "//user:p%40ss@"),
            "headers": {"Accept-Encoding": "compress, br"},
        }
    }
    _, server = bench.load(
        """
        config: {name: c, base_url: $URL}
        teststeps:
          - name: ask
            setup_hooks: ["${let_in($request)}"]
            request: {method: GET, url: /}
        """
    )
    assert server.asked[0].header(b"authorization") == BASIC
    assert server.asked[0].header(b"accept-encoding") == b"br"


def test_an_author_asks_for_what_can_be_read_only(bench: Bench) -> None:
    packed = brotli.compress(b'{"code": 0}')
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: %d\r\n\r\n%b"
    outcome, server = bench.load(
        """
        config: {name: c, base_url: $URL, headers: {accept-encoding: "gzip, br, dcb"}}
        teststeps:
          - {name: ask, request: {method: GET, url: /}, validate: [{eq: [body.code, 0]}]}
        """,
        {b"/": answer % (len(packed), packed)},
    )
    assert errors_of(outcome) == []
    assert server.asked[0].header(b"accept-encoding") == b"gzip, br"


def test_a_config_may_close_every_connection(bench: Bench) -> None:
    outcome, server = bench.load(
        """
        config: {name: c, base_url: $URL, headers: {connection: "x, Close"}}
        teststeps:
          - {name: ask, loops: 5, request: {method: GET, url: /}}
        """
    )
    assert rows_of(outcome) == {"ask": (5, 5, 0, 0)}
    assert server.connections == 5


BAD = [
    "http://my host/x",
    "http://a..b/",
    "http://h:0/",
    "http://h:66000/",
    "http://h:8_0/",
    "http://][@",
]


@pytest.mark.parametrize("url", [*BAD, "ftp://h/x", "http://[::1.2.3.4x]/", "http://256.1.1.1/"])
@pytest.mark.parametrize("kind", ["request: {method: GET", "websocket: {type: open"])
def test_a_constant_url_that_leads_nowhere_is_told_before_the_run(
    url: str, kind: str, bench: Bench
) -> None:
    step = f"{{name: ask, {kind}, url: {url!r}}}}}"
    for case in (
        f"config: {{name: c}}\nteststeps: [{step}]",
        f"config: {{name: c, base_url: {url!r}}}\nteststeps: [{step.replace(url, '/x')}]",
    ):
        with pytest.raises(CaseError) as caught:
            bench.load(case)
        (problem,) = caught.value.problems
        assert (problem.place.file, problem.place.line) in (("case.yml", 1), ("case.yml", 2))


@pytest.mark.parametrize("step", ["request: {method: GET", "websocket: {type: open"])
@pytest.mark.parametrize("host", ["my host", "a..b", "[::1.2.3.4x]", "h:0", "%41", "h:x"])
def test_a_variable_that_leads_nowhere_fails_its_step_before_it_is_sent(
    host: str, step: str, bench: Bench
) -> None:
    outcome, _ = bench.load(
        f"""
        config: {{name: c, variables: {{h: {host!r}}}}}
        teststeps:
          - {{name: ask, {step}, url: "http://$h/x"}}}}
        """
    )
    assert rows_of(outcome) == {"ask": (0, 0, 0, 1)}
    assert [(one.kind, one.detail) for one in outcome.snapshot.errors] == [("template", "url")]
