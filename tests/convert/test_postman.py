"""Test the conversion of Postman collections: folders, variables, auth, every mode of a body."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.hrp.recording import recording

from .sending import cases_of, notes_of, requests_of, sent


def item(name: str, url: Any, **request: Any) -> dict[str, Any]:
    outer = {key: request.pop(key) for key in ("event", "response") if key in request}
    return {"name": name, "request": {"method": "GET", "url": url, **request}, **outer}


def collection(*items: dict[str, Any], **parts: Any) -> str:
    schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
    return json.dumps({"info": {"name": "Shop", "schema": schema}, "item": items, **parts})


def environment(**values: str) -> str:
    pairs = [{"key": key, "value": value, "enabled": True} for key, value in values.items()]
    return json.dumps({"name": "local", "values": pairs, "_postman_variable_scope": "environment"})


def pairs(**values: str) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def raw(text: str, language: str) -> dict[str, Any]:
    return {"mode": "raw", "raw": text, "options": {"raw": {"language": language}}}


def test_a_collection_with_its_environment_is_sent(tmp_path: Path) -> None:
    with recording() as recorder:
        url = recorder.url
        items = [
            item(
                "make",
                {"raw": "{{host}}/users/:id?x={{x}}", "variable": pairs(id="{{id}}")},
                method="POST",
                header=[*pairs(A="$1 {{x}}"), {"key": "B", "value": "2", "disabled": True}],
                body=raw('{"name": "{{name}}", "cost": "$5", "n": [{{id}}]}', "json"),
            ),
            item(
                "tree", "{{host}}/t", method="PUT", body=raw('{"{{x}}": ["{{name}}", 1]}', "json")
            ),
            item("xml", "{{host}}/x", method="POST", body=raw("<a>{{x}}$</a>", "xml")),
            item(
                "form",
                "{{host}}/f",
                method="POST",
                body={"mode": "urlencoded", "urlencoded": pairs(a="{{x}}", b="$ b")},
            ),
            item(
                "graph",
                "{{host}}/g",
                method="POST",
                body={
                    "mode": "graphql",
                    "graphql": {"query": "query($a: Int) {b}", "variables": '{"a": 1}'},
                },
            ),
        ]
        (tmp_path / "shop.json").write_text(
            collection(*items, variable=pairs(host="http://elsewhere", id="7", name="bob"))
        )
        (tmp_path / "local.json").write_text(environment(host=url, x="a-b"))
        found = sent(recorder, tmp_path, "shop.json", "local.json")

    assert found.lines() == ["POST /users/7?x=a-b", "PUT /t", "POST /x", "POST /f", "POST /g"]
    make, tree, xml, form, graph = found.requests
    assert make.body == b'{"name": "bob", "cost": "$5", "n": [7]}'
    assert (make.header("a"), make.header("b")) == ("$1 a-b", "")
    assert json.loads(tree.body) == {"a-b": ["bob", 1]}
    assert (xml.body, xml.header("content-type")) == (b"<a>a-b$</a>", "application/xml")
    assert form.body == b"a=a-b&b=%24+b"
    assert json.loads(graph.body) == {"query": "query($a: Int) {b}", "variables": {"a": 1}}


def test_auth_is_inherited_and_its_secrets_go_into_the_environment_file(tmp_path: Path) -> None:
    folder = {
        "name": "inner",
        "auth": {"type": "bearer", "bearer": pairs(token="tok$en-1")},
        "item": [
            {"name": "innermost", "item": [item("a", "U/a")]},
            item("b", "U/b", auth={"type": "noauth"}),
            item("c", "U/c", auth={"type": "apikey", "apikey": pairs(key="X-Key", value="key-1")}),
            item(
                "d",
                "U/d",
                auth={"type": "apikey", "apikey": pairs(key="k", value="q1", **{"in": "query"})},
            ),
        ],
    }
    basic = {"type": "basic", "basic": pairs(username="bob", password="{{pass}}")}
    text = collection(folder, item("e", "U/e"), auth=basic, variable=pairs(**{"pass": "pw-123"}))
    with recording() as recorder:
        (tmp_path / "s.json").write_text(text.replace('"U/', f'"{recorder.url}/'))
        a, b, c, d, e = sent(recorder, tmp_path, "s.json").requests

    assert a.header("authorization") == "Bearer tok$en-1"
    assert b.header("authorization") == ""
    assert c.header("x-key") == "key-1"
    assert d.target == "/d?k=q1"
    assert e.header("authorization") == "Basic Ym9iOnB3LTEyMw=="
    written = (tmp_path / "cases" / "shop.yml").read_text()
    assert not any(secret in written for secret in ("tok$en", "key-1", "q1", "pw-123", "Ym9i"))


def test_folders_are_told_in_the_names_of_steps() -> None:
    inner = {"name": "admin", "item": [{"name": "users", "item": [item("list", "http://h/u")]}]}
    (case,) = cases_of(collection(inner, item("home", "http://h/"))).values()

    assert [step["name"] for step in case["teststeps"]] == ["admin - users - list", "home"]


def test_a_host_in_a_variable_becomes_the_base_url() -> None:
    (case,) = cases_of(
        collection(item("a", "{{base-url}}/a"), variable=pairs(**{"base-url": "http://h/v1"}))
    ).values()

    assert case["config"] == {"name": "Shop", "base_url": "http://h/v1"}
    assert case["teststeps"][0]["request"]["url"] == "/a"


def test_the_status_of_a_saved_response_is_checked() -> None:
    (case,) = cases_of(collection(item("a", "http://h/a", response=[{"code": 201}]))).values()

    assert case["teststeps"][0]["validate"] == [{"eq": ["status_code", 201]}]


def test_a_secret_of_several_lines_does_not_become_lines_of_the_environment_file() -> None:
    text = collection(item("a", "http://h/"), variable=pairs(token="one\nOTHER=2", password="p"))
    (case,) = cases_of(text).values()

    assert case["config"]["variables"] == {"token": "one\nOTHER=2", "password": "${ENV(PASSWORD)}"}
    note = ".env: cannot hold token, which has several lines: it stays in the case"
    assert note in notes_of(text)


def test_files_of_forms_are_asked_for() -> None:
    form = [
        {"key": "f", "type": "file", "src": "/home/bob/a.png", "contentType": "image/png"},
        {"key": "t", "type": "text", "value": "@{{x}}"},
        {"key": "u", "type": "text", "value": "@u"},
    ]
    text = collection(item("up", "http://h/up", body={"mode": "formdata", "formdata": form}))
    (request,) = requests_of(text)

    assert request["upload"] == {"f": "@files/a.png;type=image/png", "t": "@${x}", "u": '"@u"'}
    assert "step 'up': the source does not contain the file files/a.png" in notes_of(text)


def test_what_is_not_converted_is_named() -> None:
    script = [{"listen": "prerequest", "script": {"exec": ["pm.environment.set('a', now())"]}}]
    empty = [{"listen": "test", "script": {"exec": [""]}}]
    text = collection(
        item("signed", "http://h/{{missing}}", event=script, auth={"type": "awsv4"}),
        item("quiet", "http://h/{{$timestamp}}/{{$randomCity}}", event=empty),
        item("file", "http://h/", body={"mode": "file", "file": {"src": "a"}}),
        event=[{"listen": "test", "script": {"exec": ["pm.test()"]}}],
    )
    notes = notes_of(text)

    assert "step 'the collection': the test script is not converted" in notes
    assert "step 'signed': the pre-request script is not converted" in notes
    assert "step 'signed': auth of type awsv4 is not converted" in notes
    assert "step 'file': a body of mode file is not converted" in notes
    assert "{{missing}} has no value" in notes
    assert "{{$randomCity}} is not converted" in notes
    assert "step 'quiet': the" not in notes
