"""Test the signatures that a process reports, and hooks that change their arguments."""

from __future__ import annotations

import pytest

from .bench import failure, opened

SIGNATURES = """
import functools
def plain(a, b=1, /, c=2, *rest, key, other=3, **more): pass
def wrapped(function):
    @functools.wraps(function)
    def call(*args, **kwargs): return function("given", *args, **kwargs)
    return call
@wrapped
def given(session, a): return [session, a]
@functools.lru_cache(None)
def cached(x): return x
half = functools.partial(max, 5)
async def later(a): return a
in_c = {}.get
"""


def test_a_process_tells_the_signatures_of_its_functions(run, write):
    async def scene():
        async with opened(write(SIGNATURES)) as (_, plugin):
            known = plugin.functions
            assert str(known["plain"]) == ("(a, b=..., /, c=..., *rest, key, other=..., **more)")
            # A wrapper may give arguments of its own to the function within.
            assert str(known["given"]) == "(*args, **kwargs)"
            assert str(known["cached"]) == "(x)"
            assert str(known["later"]) == "(a)"
            assert str(known["in_c"]) == "(key, default=..., /)"
            assert await plugin.call("given", [1]) == ["given", 1]

    run(scene())


HOOKS = """
def in_place(response, n):
    response["body"]["n"] = n
def by_attribute(response):
    response.status_code = 500
    response.body["old"] = response.headers["X-A"]
    response.new_attribute = [1]
def leaves(response): pass
def returns(response):
    response["body"] = 1
    return "mine"
def unknown(response): return response.nothing
def unfit(response): response["body"] = {1, 2}
def sign(request): request["json"]["sign"] = len(request["data"])
def other(request): request["json"] = {"b": request.content["a"]}
async def later(response): response["status_code"] = 201
def swaps(one, other): other["x"] = 1
"""
RESPONSE = {"status_code": 200, "headers": {"X-A": "a"}, "body": {}}
GIVEN_BACK = [
    ("in_place", [RESPONSE, 7], {**RESPONSE, "body": {"n": 7}}),
    (
        "by_attribute",
        [RESPONSE],
        {**RESPONSE, "status_code": 500, "body": {"old": "a"}, "new_attribute": [1]},
    ),
    ("sign", [{"body": {"a": 1}}], {"body": {"a": 1, "sign": 1}}),
    ("other", [{"body": {"a": 1}}], {"body": {"b": 1}}),
    ("leaves", [RESPONSE], None),
    ("returns", [RESPONSE], "mine"),
    ("later", [RESPONSE], {**RESPONSE, "status_code": 201}),
    ("swaps", [RESPONSE, RESPONSE], None),
]


OLD_HOOKS = """
import json
def marks(request): request["req_json"]["marked"] = True
def prepares(request):  # of HttpRunner 1
    if "json" not in request and "data" in request:
        request["data"] = (request["data"] + "&b=2").encode("utf-8")
def swaps(request):
    request["json"] = json.loads(request.pop("data"))
def updates(request): request.update(json={"b": 2}, method="PUT")
def reads(response):
    assert response.status_code == 200 and response.ok and response["headers"]["X-A"] == "a"
    assert response.json["token"] == response.content["token"] == response.get("json")["token"]
    assert response.text == '{"token": "t"}' and response.get("data", 5) == 5
def reads_page(response):
    assert response.text == response.content == "<p>" and "json" not in response
def asks(request): request["auth_type"]
def asks_for(response): response.resp_obj
"""
FORM = {"method": "POST", "url": "/", "body": "a=1"}
TOKEN = {"status_code": 200, "headers": {"X-A": "a"}, "body": {"token": "t"}}
OLD = [
    ("marks", {"body": {"a": 1}}, {"body": {"a": 1, "marked": True}}),
    ("prepares", FORM, {**FORM, "body": "a=1&b=2"}),
    ("prepares", {"body": {"a": 1}}, None),
    ("prepares", {"body": None}, None),
    ("swaps", {"body": '{"n": 1}'}, {"body": {"n": 1}}),
    ("updates", FORM, {**FORM, "method": "PUT", "body": {"b": 2}}),
    ("reads", TOKEN, None),
    ("reads_page", {"status_code": 200, "body": "<p>"}, None),
]


@pytest.mark.parametrize(("name", "given", "result"), OLD)
def test_a_hook_of_version_2_or_3_finds_what_it_knows(run, write, name, given, result):
    async def scene():
        async with opened(write(OLD_HOOKS)) as (_, plugin):
            assert await plugin.call(name, [given], watched=0) == result

    run(scene())


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("asks", FORM, "auth_type: a hook sees method, url, body"),
        ("asks_for", TOKEN, "resp_obj: a hook sees status_code, headers, body"),
    ],
)
def test_a_hook_that_asks_for_anything_else_is_told_what_there_is(run, write, name, given, told):
    async def scene():
        async with opened(write(OLD_HOOKS)) as (_, plugin):
            assert told in (await failure(plugin.call(name, [given], watched=0))).message

    run(scene())


# HttpRunner 3 gives hooks objects of its own, whose attributes they set (its examples/httpbin).
@pytest.mark.parametrize(("name", "arguments", "result"), GIVEN_BACK)
def test_a_hook_gives_back_the_argument_that_it_changed(run, write, name, arguments, result):
    async def scene():
        async with opened(write(HOOKS)) as (_, plugin):
            assert await plugin.call(name, arguments, watched=0) == result
            assert await plugin.call("leaves", arguments[:1]) is None

    run(scene())


def test_without_being_watched_an_argument_is_a_copy_of_the_functions_own(run, write):
    async def scene():
        async with opened(write(HOOKS)) as (_, plugin):
            assert await plugin.call("in_place", [RESPONSE, 7]) is None
            assert await plugin.call("swaps", [1, {}], watched=1) == {"x": 1}

    run(scene())


@pytest.mark.parametrize(("name", "told"), [("unknown", "nothing"), ("unfit", "$.body: set")])
def test_what_a_hook_does_wrong_fails_its_call(run, write, name, told):
    async def scene():
        async with opened(write(HOOKS)) as (_, plugin):
            error = await failure(plugin.call(name, [RESPONSE], watched=0))
            assert error.kind == "plugin_error"
            assert told in error.message

    run(scene())
