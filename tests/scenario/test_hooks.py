"""Test what hooks get, and what they can change."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functional.servers import json_answer
from tests.http.scripted_server import OK

from .bench import Bench, assert_balanced, errors_of, rows_of

CASE = """
config: {name: c}
teststeps:
  - name: send
    variables: {who: me}
    request: {method: POST, url: "$URL/", headers: {X-Who: $who}, json: {a: 1}}
    %s
"""


def test_a_setup_hook_may_return_a_changed_request(bench: Bench) -> None:
    def sign(request: dict[str, Any], key: str) -> dict[str, Any]:
        request["headers"]["X-Sign"] = f"{key}-{request['body']['a']}"
        request["body"] = {"a": 2}
        request["cookies"] = {"sid": "one"}
        return request

    bench.functions = {"sign": sign}
    _, server = bench.load(CASE % 'setup_hooks: ["${sign($request, secret)}"]')
    (asked,) = server.asked
    assert asked.header(b"x-sign") == b"secret-1"
    assert asked.header(b"x-who") == b"me"
    assert asked.header(b"cookie") == b"sid=one"
    assert asked.header(b"content-length") == b"8"
    assert asked.body == b'{"a": 2}'


def test_each_hook_sees_the_request_as_the_one_before_left_it(bench: Bench) -> None:
    def append(request: dict[str, Any], word: str) -> dict[str, Any]:
        trail = request["headers"].get("X-Trail", "")
        return {**request, "headers": {**request["headers"], "X-Trail": trail + word}}

    bench.functions = {"append": append}
    hooks = '["${append($request, a)}", {request: "${append($request, b)}"}]'
    _, server = bench.load(CASE % f"setup_hooks: {hooks}")
    assert server.asked[0].header(b"x-trail") == b"ab"


def test_a_hook_that_returns_something_else_changes_nothing(bench: Bench) -> None:
    seen: list[Any] = []
    bench.functions = {"note": seen.append, "number": lambda: 5}
    _, server = bench.load(
        CASE % 'setup_hooks: ["${note($request)}", "${number()}", "${note($hrp_step_name)}"]'
    )
    assert server.asked[0].body == b'{"a":1}'
    assert seen[0]["method"] == "POST"
    assert seen[0]["body"] == {"a": 1}
    assert seen[1] == "send"


def test_an_assigned_hook_sets_a_variable_for_the_checks_of_its_step(bench: Bench) -> None:
    bench.functions = {"status": lambda response: response["status_code"]}
    outcome, _ = bench.load(
        CASE
        % """teardown_hooks: [{code: "${status($response)}"}]
    validate: [{eq: [$code, 200]}]"""
    )
    assert errors_of(outcome) == []


def test_a_setup_hook_that_raises_keeps_the_request_from_being_sent(bench: Bench) -> None:
    def refuse() -> None:
        raise ValueError("not today")

    bench.functions = {"refuse": refuse}
    outcome, server = bench.load(CASE % 'setup_hooks: ["${refuse()}"]')
    assert not server.asked
    assert errors_of(outcome) == [("hook", "send", 1)]
    assert "not today" in outcome.snapshot.errors[0].message
    assert rows_of(outcome) == {"send": (0, 0, 0, 1)}


def test_a_teardown_hook_that_raises_fails_a_request_that_was_answered(bench: Bench) -> None:
    def refuse() -> None:
        raise ValueError("not good")

    bench.functions = {"refuse": refuse}
    outcome, server = bench.load(CASE % 'teardown_hooks: ["${refuse()}"]')
    assert len(server.asked) == 1
    assert rows_of(outcome) == {"send": (1, 0, 1, 0)}
    assert_balanced(outcome)


def test_a_hook_that_returns_nonsense_for_a_request_fails_the_step(bench: Bench) -> None:
    bench.functions = {"broken": lambda: {"method": "GET", "url": "http://[", "headers": 5}}
    outcome, server = bench.load(CASE % 'setup_hooks: ["${broken()}"]')
    assert not server.asked
    assert errors_of(outcome) == [("hook", "send", 1)]


def test_a_url_that_a_hook_changes_keeps_its_percent_escapes(bench: Bench) -> None:
    target = "/a%2Fb?x=%2F%26%3D&y=%20+%2B&page=2"
    bench.functions = {"turn": lambda request: {**request, "url": request["url"] + "&page=2"}}
    case = CASE % 'setup_hooks: ["${turn($request)}"]'
    case = case.replace("$URL/", f"$URL{target.removesuffix('&page=2')}")
    _, server = bench.load(case, {target.encode(): OK})
    assert [asked.line.decode() for asked in server.asked] == [f"POST {target} HTTP/1.1"]


def test_a_hook_that_changes_a_header_leaves_the_url_as_it_is(bench: Bench) -> None:
    target = "/a%2Fb?x=%2F%41"
    bench.functions = {"mark": lambda request: {**request, "headers": {"X": "1"}}}
    case = (CASE % 'setup_hooks: ["${mark($request)}"]').replace("$URL/", f"$URL{target}")
    _, server = bench.load(case, {target.encode(): OK})
    assert [asked.line.decode() for asked in server.asked] == [f"POST {target} HTTP/1.1"]


# HttpRunner 3 gave its hooks the request and the response themselves, which they changed in place.
def test_a_setup_hook_may_change_the_request_in_place(bench: Bench) -> None:
    def add(request: dict[str, Any]) -> None:
        request["key"] = "value"

    def take_out_and_sign(request: dict[str, Any], word: str) -> None:
        request["headers"]["X-Sign"] = word + request.pop("key")
        request["body"]["b"] = 2

    bench.functions = {"add": add, "sign": take_out_and_sign}
    _, server = bench.load(CASE % 'setup_hooks: ["${add($request)}", "${sign($request, a)}"]')
    assert server.asked[0].header(b"x-sign") == b"avalue"
    assert server.asked[0].body == b'{"a": 1, "b": 2}'


ALTERED = """teardown_hooks: ["%s"]
    extract: {n: body.n, h: headers.x-own}
    validate:
      - {eq: [status_code, 500]}
      - {eq: [$n, 2]}
      - {eq: [$h, own]}
      - {regex_match: [body, '"n":2']}"""


def test_a_teardown_hook_may_change_the_response_in_place(bench: Bench) -> None:
    def alter(response: dict[str, Any]) -> None:
        response["status_code"] = 500
        response["headers"]["X-Own"] = "own"
        response["body"]["n"] = 2

    bench.functions = {"alter": alter}
    script = {b"/": json_answer(b'{"n": 1}')}
    outcome, _ = bench.load(CASE % (ALTERED % "${alter($response)}"), script)
    assert errors_of(outcome) == []


def test_a_teardown_hook_may_return_another_response(bench: Bench) -> None:
    other = {"status_code": 500, "headers": {"x-own": "own"}, "body": {"n": 2}}
    bench.functions = {"other": lambda: other}
    script = {b"/": json_answer(b'{"n": 1}')}
    for hook in ('"${other()}"', '{response: "${other()}"}'):
        case = CASE % (ALTERED % "x").replace('["x"]', f"[{hook}]")
        outcome, _ = bench.load(case, script)
        assert errors_of(outcome) == []


def test_the_next_hook_sees_the_response_as_the_one_before_left_it(bench: Bench) -> None:
    seen: list[Any] = []

    def raise_status(response: dict[str, Any]) -> None:
        seen.append(response["status_code"])
        response["status_code"] += 1

    bench.functions = {"raise_status": raise_status}
    hooks = '["${raise_status($response)}", "${raise_status($hrp_step_response)}"]'
    around = f"teardown_hooks: {hooks}\n    validate: [{{eq: [status_code, 202]}}]"
    outcome, _ = bench.load(CASE % around)
    assert seen == [200, 201]
    assert errors_of(outcome) == []


def test_a_hook_that_leaves_the_response_alone_changes_nothing(bench: Bench) -> None:
    bench.functions = {"look": lambda response: None, "count": lambda: {"count": 5}}
    hooks = '["${look($response)}", "${count()}", {total: "${count()}"}]'
    script = {b"/": json_answer(b'{"n": 1}')}
    checks = "[{eq: [body.n, 1]}, {eq: [$total, {count: 5}]}]"
    outcome, _ = bench.load(CASE % f"teardown_hooks: {hooks}\n    validate: {checks}", script)
    assert errors_of(outcome) == []


@pytest.mark.parametrize(
    "response",
    [
        {"status_code": 200, "headers": 5},
        {"status_code": 200, "cookies": [1]},
        {"status_code": 200, "headers": {"a": {"b": 10**5_000}}},
    ],
    ids=["headers", "cookies", "huge"],
)
def test_a_hook_that_returns_nonsense_for_a_response_fails_the_step(
    bench: Bench, response: Any
) -> None:
    bench.functions = {"broken": lambda: response}
    outcome, server = bench.load(CASE % 'teardown_hooks: ["${broken()}"]')
    assert len(server.asked) == 1
    assert errors_of(outcome) == [("hook", "send", 1)]


def test_a_hook_may_change_the_query_by_its_names(bench: Bench) -> None:
    def sign(request: dict[str, Any]) -> None:
        request["params"] |= {"sign": len(request["params"]), "b": ["x y", "z"]}

    bench.functions = {"sign": sign}
    _, server = bench.load(
        """
        config: {name: c, base_url: $URL}
        teststeps:
          - name: a
            setup_hooks: ["${sign($request)}"]
            request: {method: GET, url: /p?a=1, params: {b: 2}}
        """,
        {b"/p?a=1&b=x+y&b=z&sign=2": OK},
    )
    assert [one.line.split()[1] for one in server.asked] == [b"/p?a=1&b=x+y&b=z&sign=2"]
