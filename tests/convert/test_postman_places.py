"""Test where Postman's variables may stand, what URLs are made of, and damaged items."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.hrp.recording import recording

from .sending import cases_of, notes_of, requests_of, sent
from .test_postman import collection, environment, item, pairs


def test_dynamic_variables_may_stand_in_names(tmp_path: Path) -> None:
    form = {"mode": "urlencoded", "urlencoded": pairs(**{"f-{{$randomInt}}": "1"})}
    with recording() as recorder:
        one = item(
            "a",
            f"{recorder.url}/{{{{$timestamp}}}}?q-{{{{$guid}}}}=1",
            method="POST",
            header=pairs(**{"X-{{$guid}}": "{{$guid}}", "Y-$a": "$b"}),
            body=form,
        )
        (tmp_path / "c.json").write_text(collection(one))
        found = sent(recorder, tmp_path, "c.json")

    (request,) = found.requests
    assert found.converted.err == ""
    assert re.fullmatch(r"/\d{10}\?q-\w{32}=1", request.target)
    (name,) = (name for name, _ in request.headers if name.startswith("x-"))
    assert re.fullmatch(r"x-\w{32}", name)
    assert request.header("y-$a") == "$b"
    assert re.fullmatch(rb"f-\d{1,3}=1", request.body)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("$randomEmail", "${gen_random_string(8)}@example.com"),
        ("$isoTimestamp", "${get_current_date(%Y-%m-%dT%H:%M:%S)}"),
        ("$randomFirstName", "${gen_random_string(8)}"),
    ],
)
def test_a_dynamic_variable_without_the_same_function_gets_a_like_one(
    name: str, value: str
) -> None:
    text = collection(item("a", "http://h/a", header=pairs(A=f"{{{{{name}}}}}")))
    (request,) = requests_of(text)

    assert request["headers"] == {"A": value}
    assert f"step 'a': {{{{{name}}}}} is not converted: " in notes_of(text)


def graph(variables: str) -> dict[str, Any]:
    return {"mode": "graphql", "graphql": {"query": "query q { a }", "variables": variables}}


@pytest.mark.parametrize(
    ("variables", "sent_variables"),
    [
        ('{"id": {{uid}}}', {"id": 5}),
        ('{"id": "{{uid}}"}', {"id": "5"}),
        ('{"ids": [{{uid}}, 6], "who": "{{who}}"}', {"ids": [5, 6], "who": "tom"}),
        ("{{all}}", {"x": True}),
        ("", {}),
    ],
)
def test_graphql_variables_are_replaced_in_their_text(
    tmp_path: Path, variables: str, sent_variables: Any
) -> None:
    values = pairs(uid="5", who="tom", all='{"x": true}')
    with recording() as recorder:
        one = item("g", f"{recorder.url}/g", method="POST", body=graph(variables))
        (tmp_path / "c.json").write_text(collection(one, variable=values))
        (request,) = sent(recorder, tmp_path, "c.json").requests

    assert json.loads(request.body) == {"query": "query q { a }", "variables": sent_variables}
    assert request.header("content-type") == "application/json"


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        ("collection", "base_url", "URL"),
        ("collection", "base_url", "URL/v1"),
        ("collection", "base_url", "{{scheme}}://HOST"),
        ("collection", "baseUrl", "URL/"),
        ("collection", "host", "HOST"),
        ("environment", "base_url", "HOST"),
        ("environment", "base_url", "URL/"),
        ("environment", "host", "{{scheme}}://HOST"),
    ],
)
def test_a_base_in_a_variable_is_sent_to(tmp_path: Path, place: str, name: str, value: str) -> None:
    with recording() as recorder:
        host = recorder.url.removeprefix("http://")
        value = value.replace("URL", recorder.url).replace("HOST", host)
        values = {name: value, "scheme": "http"}
        link = f"{{{{{name}}}}}/items?back={{{{{name}}}}}"
        own = pairs(**values) if place == "collection" else []
        (tmp_path / "c.json").write_text(collection(item("a", link), variable=own))
        (tmp_path / "e.json").write_text(environment(**values) if not own else environment())
        found = sent(recorder, tmp_path, "c.json", "e.json")

    path = "/v1/items" if value.endswith("/v1") else "/items"
    assert [one.target.partition("?")[0] for one in found.requests] == [path]


@pytest.mark.parametrize(
    ("url", "base", "path"),
    [
        (
            {"host": ["h"], "path": ["a", "b"], "protocol": "https", "port": "8"},
            "https://h:8",
            "/a/b",
        ),
        ({"raw": "http://h/a", "query": pairs(q="1")}, "http://h", "/a"),
        ({"host": "h.example", "path": "a"}, "http://h.example", "/a"),
        ("h/a", "http://h", "/a"),
        ({"path": ["a"]}, "${baseUrl}", "/a"),
    ],
)
def test_a_url_is_made_of_its_parts(url: Any, base: str, path: str) -> None:
    (case,) = cases_of(collection(item("a", url))).values()
    request = case["teststeps"][0]["request"]

    assert (case["config"]["base_url"], request["url"]) == (base, path)
    assert request.get("params", {}) == ({"q": 1} if "query" in url else {})


def test_hosts_without_a_value_get_one_that_is_told() -> None:
    text = collection(item("a", "https://{{host}}:{{port}}/a"), item("b", "{{other}}/b"))
    (case,) = cases_of(text).values()

    local = "127.0.0.1"
    values = {"host": local, "port": "80", "other": f"http://{local}"}
    assert case["config"]["variables"] == values
    assert "{{host}} has no value: 127.0.0.1 stands for it" in notes_of(text)


def test_a_damaged_item_costs_that_item() -> None:
    text = collection(
        item("good", "http://h/a"),
        item("blank", "http://h/a", method="  "),
        item("header", "http://h/a", header=["X"]),
        item("no host", "http:///a"),
        {"name": "empty"},
        None,  # type: ignore[arg-type]
        {
            "name": "folder",
            "item": [item("odd", "http://h/b", body="text"), item("fine", "http://h/c")],
        },
        variable=[*pairs(x="1"), "what"],
    )
    (case,) = cases_of(text).values()
    notes = notes_of(text)

    assert [step["name"] for step in case["teststeps"]] == ["good", "folder - fine"]
    for told in ("blank", "header", "no host", "empty", "item 6", "folder - odd"):
        assert f"step '{told}': left out: " in notes
    assert "the variable 'what' is damaged: left out" in notes


def test_a_file_that_cannot_be_sent_is_told() -> None:
    form = [{"key": "f", "type": "file", "src": ["a.txt", "b.txt"]}]
    text = collection(item("up", "http://h/", body={"mode": "formdata", "formdata": form}))
    (request,) = requests_of(text)

    assert request["upload"] == {"f": "@files/b.txt"}
    assert "step 'up': the form has 'f' several times and a case once: the file a.txt" in notes_of(
        text
    )


def test_a_method_that_looks_misspelt_is_sent_as_it_is(tmp_path: Path) -> None:
    with recording() as recorder:
        one = item("a", f"{recorder.url}/", method="POSTMAN", response=[{"code": 501}])
        (tmp_path / "c.json").write_text(collection(one))
        found = sent(recorder, tmp_path, "c.json")

    assert found.converted.err == ""


def test_the_token_of_oauth_is_sent() -> None:
    auth = {"type": "oauth2", "oauth2": pairs(accessToken="t-1", addTokenTo="header")}
    (request,) = requests_of(collection(item("a", "http://h/", auth=auth)))

    assert request["headers"] == {"Authorization": "${ENV(AUTHORIZATION)}"}
