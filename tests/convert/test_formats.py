"""Test that files are told apart by their structure, and that others are refused by name."""

from __future__ import annotations

import json

import pytest
from boomtalk.engine.errors import CaseError

from .sending import cases_of, requests_of
from .test_postman import collection, environment, item

WITH_SAMPLES = """
# curl http://h/comment
openapi: 3.0.0
servers: [{url: "http://h"}]
paths:
  /items:
    get:
      x-codeSamples:
        - lang: shell
          source: |
            curl http://h/other -H 'Accept: text/plain'
    post:
      description: |
        Try it:

            curl -d "it's" http://h/items
      requestBody: {content: {application/json: {example: {name: tea}}}}
"""


def test_a_curl_sample_in_a_document_is_text() -> None:
    get, post = requests_of(WITH_SAMPLES)

    assert (get["method"], get["url"]) == ("GET", "/items")
    assert (post["method"], post["url"], post["json"]) == ("POST", "/items", {"name": "tea"})


@pytest.mark.parametrize(
    "script",
    [
        "# openapi: 3.0.0\ncurl http://h/a",
        "curl http://h/a -H 'openapi: 3.0.0'",
        "curl http://h/a -d '\nopenapi: 3.0.0\npaths: {}\n'",
        '#!/bin/sh\nset -e\nURL=x\ncurl http://h/a -H "swagger: 2.0"',
        "$ curl http://h/a",
    ],
)
def test_a_script_that_mentions_a_document_is_a_script(script: str) -> None:
    urls = [request["url"] for request in requests_of(script)]

    assert urls == ["/a"]


SHOP = collection(item("get", "http://h/get"))


@pytest.mark.parametrize(
    "wrapped",
    [
        {"collection": json.loads(SHOP)},
        [json.loads(SHOP)],
        {"version": 1, "collections": [json.loads(SHOP)], "environments": [], "globals": []},
        {"collection": {"collection": json.loads(SHOP)}},
    ],
)
def test_a_wrapped_collection_is_found(wrapped: object) -> None:
    (request,) = requests_of(json.dumps(wrapped))

    assert request["url"] == "/get"


def test_a_wrapped_environment_applies_to_collections() -> None:
    text = collection(item("get", "{{host}}/get"))
    wrapped = json.dumps({"environment": json.loads(environment(host="http://h"))})
    (case,) = cases_of(text, wrapped).values()

    assert case["config"]["variables"] == {"host": "http://h"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("asyncapi: 2.0.0\nchannels: {}", "this is an AsyncAPI document (only HTTP is converted)"),
        ('{"__export_format": 4, "resources": []}', "this is an Insomnia export"),
        ('[{"config": {"name": "a"}}]', "this is already a test case"),
        ("- config: {name: a}\n- test: {}", "this is already a test case"),
        ('{"swaggerVersion": "1.2", "apis": []}', "this is Swagger 1"),
        ("openapi: 4.0.0\npaths: {}", "openapi 4.0.0 is not known"),
        ("paths: {/a: {get: {}}}", "this is a part of an OpenAPI document"),
        ("<html>curl http://h</html>", "this is not a known format"),
        ("some words", "this is not a known format"),
        ("openapi: 3.0.0\npaths: {a: [}\ncurl: x", "source:2: not YAML"),
        (collection(), "no request can be converted: there is none"),
        (environment(a="b"), "holds variables and no requests (give the collection)"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, told: str) -> None:
    with pytest.raises(CaseError) as raised:
        cases_of(text)

    assert told in str(raised.value)
