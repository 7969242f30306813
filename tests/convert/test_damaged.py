"""Test that files with an unexpected value at any place give an error or a readable case."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from boomtalk.engine.case.yaml_source import parse_yaml
from boomtalk.engine.convert.convert import Source, convert
from boomtalk.engine.convert.har import Wanted
from boomtalk.engine.errors import CaseError
from hypothesis import given
from hypothesis import strategies as some

from .test_har import BOUNDARY, FORM, entry, har, headers, post
from .test_openapi import DOCUMENT
from .test_postman import collection, item, pairs, raw
from .test_postman_v1 import OLD
from .test_swagger import SWAGGER

UNEXPECTED: list[Any] = [None, 5, 1e300, [{}], "\ud800", {"$ref": "#"}]
RECORDING = har(
    post("http://h/up", f"multipart/form-data; boundary={BOUNDARY}", text=FORM),
    post("http://h/j", "application/json", text='{"a": [1, "$x"]}'),
    post("http://h/f", "application/x-www-form-urlencoded", params=headers(a="b")),
    entry("http://h/a", 3),
)
SCRIPT = "pm.response.to.have.status(200); pm.environment.set('z', pm.response.json().a)"
COLLECTION = collection(
    {
        "name": "folder",
        "auth": {"type": "basic", "basic": pairs(username="a", password="{{b}}")},
        "item": [
            item(
                "one",
                {"raw": "{{h}}/:id?a=1", "variable": pairs(id="{{z}}")},
                body=raw('{"a": "{{x}}"}', "json"),
                event=[{"listen": "test", "script": {"exec": [SCRIPT]}}],
                response=[{"code": 200}],
            )
        ],
    },
    item("form", "http://h/", body={"mode": "formdata", "formdata": [{"key": "f", "src": "a"}]}),
    item("graph", "http://h/", body={"mode": "graphql", "graphql": {"query": "q"}}),
    variable=pairs(h="http://x"),
)
DOCUMENTS = {
    "HAR": json.loads(RECORDING),
    "Postman": json.loads(COLLECTION),
    "Postman v1": json.loads(OLD),
    "OpenAPI": parse_yaml(DOCUMENT.replace("HOST", "http://h")).plain(),
    "Swagger": parse_yaml(SWAGGER).plain(),
}


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in inner:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


def damaged(tree: Any, path: tuple[Any, ...], value: Any) -> str:
    whole = part = copy.deepcopy(tree)
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return json.dumps(whole)


def read(text: str) -> bool:
    """Convert a text; return whether that gave cases, which must be YAML then."""
    try:
        found = convert([Source("source", text)], Wanted(), {}, "files")
    except CaseError:
        return False
    return all(parse_yaml(case).value for case in found.cases.values())


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_value_that_is_out_of_place_is_no_crash(kind: str) -> None:
    tree = DOCUMENTS[kind]
    ways = [(path, value) for path in places(tree) for value in UNEXPECTED]
    some_ways = Random(kind).sample(ways, min(len(ways), 150))
    texts = [damaged(tree, path, value) for path, value in some_ways]
    outcomes = [read(text) for text in texts]

    assert read(json.dumps(tree))
    assert True in outcomes
    assert False in outcomes


@given(some.text(alphabet="curl htp:/'\"\\$\n;&|#-dXF@={x}é", max_size=40))
def test_any_script_is_read_or_refused(text: str) -> None:
    read(f"curl http://h {text}")
