"""Test that list cases and suites of HttpRunner 1 and 2 send what they say."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from boomtalk.engine import Load

from tests.functional.servers import json_answer
from tests.http.scripted_server import OK
from tests.scenario.bench import Bench

from .outcome import anything, asked_for

TOKEN = json_answer(b'{"token": "t-1"}')
CASE = """
config: {name: get, base_url: "http://127.0.0.1:1", variables: {who: nobody, how: well}}
teststeps: [{name: get, request: {method: GET, url: "/$who/$how"}}]
"""


def _listed(*tests: dict[str, Any], **config: Any) -> str:
    """Return the text of a list case; JSON is YAML, too."""
    head = {"name": "c", "base_url": "$URL", **config}
    return json.dumps([{"config": head}, *({"test": test} for test in tests)])


def _get(path: str, **around: Any) -> dict[str, Any]:
    return {"name": path, "request": {"method": "GET", "url": f"/{path}"}, **around}


def _suite(*entries: dict[str, Any], **config: Any) -> str:
    cases = [{"name": "n", "testcase": "get.yml", **entry} for entry in entries]
    return json.dumps({"config": {"name": "s", "base_url": "$URL", **config}, "testcases": cases})


def test_a_list_case_sends_its_steps_with_what_they_extract(bench: Bench) -> None:
    login = _get("login", extract=[{"token": "content.token"}])
    look = _get("look/$token/$user", times=2)
    case = _listed(login, look, variables=[{"user": "tom"}])

    answers = {b"/login": TOKEN, b"/look/t-1/tom": OK}
    paths = asked_for(bench, case, answers)
    assert paths == ["/login", "/look/t-1/tom", "/look/t-1/tom"]


@pytest.mark.parametrize("yes", [True, "yes", 1, [0], "${f(1)}"])
@pytest.mark.parametrize("no", [False, "no", 0, [], "", "${f()}"])
def test_skip_if_and_skip_unless_are_opposites(bench: Bench, yes: Any, no: Any) -> None:
    case = _listed(
        _get("a", skipIf="$yes"),
        _get("b", skipIf="$no"),
        _get("c", skipUnless="$yes"),
        _get("d", skipUnless="$no"),
        _get("e", skip="not today"),
        variables={"yes": yes, "no": no},
    )

    assert asked_for(bench, case, anything("/b", "/c")) == ["/b", "/c"]


def test_an_unknown_variable_of_skip_unless_is_told_before_anything_is_sent(bench: Bench) -> None:
    with pytest.raises(Exception, match=r"skip_unless: \$nothing is not defined"):
        bench.run(_listed(_get("a", skipUnless="$nothing")))


def test_a_reference_of_version_2_gives_what_extract_names(bench: Bench) -> None:
    login = {"test": _get("login", extract=[{"token": "content.token"}])}
    bench.write("login.yml", json.dumps([{"config": {"name": "l"}}, login]))
    refer = {"name": "log in", "testcase": "login.yml", "extract": ["token"]}
    paths = asked_for(bench, _listed(refer, _get("t/$token")), {b"/login": TOKEN, b"/t/t-1": OK})

    assert paths == ["/login", "/t/t-1"]


def test_a_variable_that_names_itself_over_an_api_has_the_value_of_the_case(
    bench: Bench,
) -> None:
    api = {"variables": {"uid": "default", "token": "XXX"}, **_get("$uid/$token")}
    bench.write("api.yml", json.dumps(api))
    step = {"name": "s", "api": "api.yml", "variables": {"uid": "$uid", "token": "$token"}}
    login = _get("login", extract=[{"token": "content.token"}])
    case = _listed(login, step, variables={"uid": 7})

    paths = asked_for(bench, case, {b"/login": TOKEN, b"/7/t-1": OK})
    assert paths == ["/login", "/7/t-1"]


def test_the_entries_of_a_suite_send_their_variables_and_rows_to_its_base_url(
    bench: Bench,
) -> None:
    bench.write("get.yml", CASE)
    rows = {"parameters": {"who": ["amy", "eve"]}}
    suite = _suite({"variables": {"who": "tom"}}, rows, {}, variables={"how": "fine"})

    paths = ["/tom/fine", "/amy/fine", "/eve/fine", "/nobody/fine"]
    assert asked_for(bench, suite, anything(*paths)) == paths


@pytest.mark.parametrize("given", [{"how": "ill"}, {"how": "ill", "who": "them"}])
def test_a_map_of_the_suite_beats_the_case_but_not_the_entry(
    bench: Bench, given: dict[str, str]
) -> None:
    bench.write("get.yml", CASE)
    bench.functions["given"] = lambda: given
    suite = _suite({"variables": {"who": "tom"}}, {}, variables="${given()}")

    who = given.get("who", "nobody")
    paths = ["/tom/ill", f"/{who}/ill"]
    assert asked_for(bench, suite, anything(*paths)) == paths


def test_a_map_of_an_entry_beats_everything(bench: Bench) -> None:
    bench.write("get.yml", CASE)
    bench.functions["given"] = lambda: {"who": "tom", "how": "ill"}
    suite = _suite({"variables": "${given()}"}, variables={"how": "fine"})

    assert asked_for(bench, suite, anything("/tom/ill")) == ["/tom/ill"]


def test_a_load_shares_its_iterations_by_the_weights_of_the_entries(bench: Bench) -> None:
    bench.write("get.yml", CASE)
    often = {"name": "often", "variables": {"who": "often"}, "weight": 9}
    seldom = {"name": "seldom", "variables": {"who": "seldom"}}
    never = {"name": "never", "variables": {"who": "never"}, "weight": 0}
    load = Load(iterations=200, seed=1)
    answers = anything("/often/well", "/seldom/well")
    _, server = bench.load(_suite(often, seldom, never), answers, load)

    counts = Counter(asked.line.split()[1].decode() for asked in server.asked)
    assert counts.keys() == {"/often/well", "/seldom/well"}
    assert counts["/often/well"] > 5 * counts["/seldom/well"]
