"""Test what steps and API files of HttpRunner 2 and 3 say beside today's keys, on the wire."""

from __future__ import annotations

from typing import Any

import pytest
from boomtalk.engine import CaseError, Load, Ramp

from tests.http.scripted_server import OK

from .bench import Bench, errors_of, rows_of

NOWHERE = "http://127.0.0.1:1"
OVER_API = """
config: {name: c, base_url: "%s", variables: {here: "$URL", one: 1, empty: ""}}
teststeps:
  - name: a
    %s
    api: {base_url: "%s", request: {method: GET, url: item}}
"""


# Version 2: an API's base beats that of the step, which beats the config's (_extend_with_api).
@pytest.mark.parametrize(
    ("config", "step", "api"),
    [
        (NOWHERE, "", "$URL"),
        ("", "", "$URL/"),
        (NOWHERE, "", "$here"),
        (NOWHERE, "", "${own}/"),
        (NOWHERE, "base_url: http://127.0.0.1:2", "$URL"),
        (NOWHERE, "base_url: $URL", ""),
        ("$URL", "", "  "),
        ("$URL", "", "$empty"),
    ],
)
def test_the_base_of_an_api_wins(bench: Bench, config: str, step: str, api: str) -> None:
    case = OVER_API % (config, f"variables: {{own: $here}}\n    {step}", api)
    outcome, server = bench.load(case, {b"/item": OK}, Load(Ramp(1), iterations=2))

    assert rows_of(outcome) == {"a": (2, 2, 0, 0)}
    assert [one.line for one in server.asked] == [b"GET /item HTTP/1.1"] * 2


def test_the_base_of_an_api_may_come_from_a_function(bench: Bench) -> None:
    bench.functions["host"] = lambda url: f"{url}/v1"
    case = OVER_API % (NOWHERE, "", "${host($here)}")
    outcome, _ = bench.load(case, {b"/v1/item": OK})

    assert rows_of(outcome) == {"a": (1, 1, 0, 0)}


def test_an_api_file_has_a_base_and_verify(bench: Bench) -> None:
    bench.write(
        "api/item.yml",
        "{name: item, base_url: $here, verify: false, request: {method: GET, url: /item}}",
    )
    outcome, _ = bench.load(
        """
        config: {name: c, variables: {here: $URL}}
        teststeps: [{api: api/item.yml}]
        """,
        {b"/item": OK},
    )
    assert rows_of(outcome) == {"item": (1, 1, 0, 0)}


def test_a_base_without_a_scheme_is_told_with_its_line(bench: Bench) -> None:
    with pytest.raises(CaseError, match=r"case.yml:6: .*'shop' has no scheme .write http://shop"):
        bench.load(OVER_API % (NOWHERE, "", "shop"))


# hrp resolves config.base_url with the variables of the config, then sets it as one of them.
@pytest.mark.parametrize(
    ("config", "path"),
    [
        ("variables: {base_url: $URL}, base_url: $base_url", b"/get"),
        ("variables: {base_url: $URL}, base_url: '${base_url}'", b"/get"),
        ("variables: {base_url: $URL}, base_url: $base_url/v1", b"/v1/get"),
        ("variables: {base_url: $host/v2, host: $URL}, base_url: $base_url", b"/v2/get"),
        ("variables: {base_url: $URL}", b"/get"),
        ("variables: {host: $URL}, base_url: $host", b"/get"),
        (f"variables: {{base_url: {NOWHERE}}}, base_url: $URL", b"/get"),
        ("variables: [{base_url: $URL}], base_url: $base_url", b"/get"),
        ("variables: '${names($hidden)}', base_url: $base_url", b"/get"),
    ],
)
def test_a_variable_may_be_named_base_url(bench: Bench, config: str, path: bytes) -> None:
    bench.functions["names"] = lambda url: {"base_url": url}
    case = f"config: {{name: c, {config}}}\nteststeps: [{{request: {{method: GET, url: /get}}}}]"
    case = case.replace("$hidden", "$URL")
    outcome, server = bench.load(case, {path: OK})

    assert [one.line for one in server.asked] == [b"GET " + path + b" HTTP/1.1"]
    assert outcome.snapshot.accounting.failed == 0


def test_other_variables_see_the_variable_and_steps_the_base(bench: Bench) -> None:
    _, server = bench.load(
        """
        config: {name: c, variables: {base_url: $URL, login: $base_url/in}, base_url: $base_url/v1}
        teststeps:
          - {name: a, request: {method: GET, url: $login}}
          - {name: b, request: {method: GET, url: $base_url/x}}
        """,
        {b"/in": OK, b"/v1/x": OK},
    )
    assert [one.line.split(b" ")[1] for one in server.asked] == [b"/in", b"/v1/x"]


HEADED = """
config: {name: c, base_url: $URL, headers: {X-All: all, X-Sign: config}, variables: {map: %s}}
teststeps:
  - {name: a, variables: {own: %s}, request: {method: GET, url: /, headers: "%s"}}
"""


@pytest.mark.parametrize("headers", ["${heads()}", "$map", "$own", "${own}"])
def test_an_expression_may_give_the_headers(bench: Bench, headers: str) -> None:
    given = '{x-sign: abc, X-Number: 5, X-Cash: "US$$5", X-None: null}'
    bench.functions["heads"] = lambda: {
        "x-sign": "abc",
        "X-Number": 5,
        "X-Cash": "US$5",
        "X-None": None,
    }
    outcome, server = bench.load(HEADED % (given, given, headers))

    assert rows_of(outcome) == {"a": (1, 1, 0, 0)}
    names = (b"x-all", b"x-sign", b"x-number", b"x-cash", b"x-none")
    assert [server.asked[0].header(name) for name in names] == [b"all", b"abc", b"5", b"US$5", None]


def test_an_api_may_have_its_headers_from_an_expression(bench: Bench) -> None:
    bench.functions["heads"] = lambda who: {"X-Who": who}
    bench.write("a.yml", '{request: {method: GET, url: /, headers: "${heads($who)}"}}')
    _, server = bench.load(
        """
        config: {name: c, base_url: $URL}
        teststeps: [{api: a.yml, variables: {who: amy}}]
        """
    )
    assert server.asked[0].header(b"x-who") == b"amy"


@pytest.mark.parametrize("given", ["a text", 5, None, ["X-A", "1"], True])
def test_headers_that_are_no_map_fail_the_step_before_it_is_sent(bench: Bench, given: Any) -> None:
    bench.functions["heads"] = lambda: given
    outcome, server = bench.load(HEADED % ("{}", "{}", "${heads()}"))

    assert (errors_of(outcome), server.asked) == ([("template", "a", 1)], [])
    (error,) = outcome.snapshot.errors
    assert "headers: the expression must give a map, not" in error.message


@pytest.mark.parametrize("given", [{"X-A": "1\r\nX-B: 2"}, {"X A": "1"}, {"": "1"}])
def test_headers_that_cannot_be_sent_fail_the_step(bench: Bench, given: dict[str, str]) -> None:
    bench.functions["heads"] = lambda: given
    outcome, server = bench.load(HEADED % ("{}", "{}", "${heads()}"))

    assert ([kind for kind, _, _ in errors_of(outcome)], server.asked) == (["template"], [])


def test_a_text_of_headers_without_an_expression_is_told(bench: Bench) -> None:
    with pytest.raises(CaseError, match=r"case.yml:4: step 'a': request.headers: must be a map"):
        bench.load(HEADED % ("{}", "{}", "X-A: 1"))
    with pytest.raises(CaseError, match=r"request.headers: must be a map, or an expression"):
        bench.load(HEADED % ("{}", "{}", "US$$"))


def test_the_attributes_of_a_response_in_version_2_can_be_checked(bench: Bench) -> None:
    page = b"HTTP/1.1 404 Gone Away\r\nContent-Type: text/html; charset=GBK\r\n"
    script = {
        b"/": b"HTTP/1.1 302 Found\r\nLocation: /page?a=1\r\nContent-Length: 0\r\n\r\n",
        b"/page?a=1": page + b"Content-Length: 12\r\n\r\n<p>hello</p>",
    }
    outcome, _ = bench.load(
        r"""
        config: {name: c, base_url: $URL}
        teststeps:
          - name: a
            request: {method: GET, url: /}
            extract: [{word: "<p>(\\w+)</p>"}, {first: text.3}, {all: content}]
            validate:
              - contains: [text, hello]
              - eq: [ok, false]
              - is: [reason, Gone Away]
              - ==: [encoding, GBK]
              - endswith: [url, "/page?a=1"]
              - {check: $word, comparator: equals, expect: hello}
              - {check: $first$all, comparator: str_eq, expect: "h<p>hello</p>"}
              - less_than: [elapsed.total_seconds, 20]
        """,
        script,
    )
    assert (rows_of(outcome), errors_of(outcome)) == ({"a": (1, 1, 0, 0)}, [])


def test_the_builtin_hooks_of_version_1_are_there(bench: Bench) -> None:
    outcome, server = bench.load(
        """
        config: {name: c, base_url: $URL}
        teststeps:
          - name: a
            setup_hooks: ["${setup_hook_prepare_kwargs($request)}", "${sleep_N_secs(0)}"]
            request: {method: POST, url: /, data: {a: 1}}
        """
    )
    assert rows_of(outcome) == {"a": (1, 1, 0, 0)}
    assert server.asked[0].body == b'{"a":1}'
