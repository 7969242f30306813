"""Test the conversion of OpenAPI: a file per tag, values that fit the schemas."""

from __future__ import annotations

import json
from pathlib import Path

from tests.hrp.recording import recording

from .sending import cases_of, notes_of, sent

DOCUMENT = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers:
  - url: "{host}/v1/"
    variables: {host: {default: "HOST"}}
security: [{token: []}]
paths:
  /items/{item-id}:
    parameters:
      - {name: item-id, in: path, required: true, schema: {type: integer, minimum: 5}}
    get:
      tags: [items]
      summary: one item
      parameters:
        - {name: lang, in: query, required: true, schema: {type: string, enum: [en gb, de]}}
        - {name: page, in: query, schema: {type: integer}}
        - {name: X-Trace, in: header, example: $abc}
      responses: {default: {}, "200": {description: ok}}
    put:
      tags: [items]
      requestBody: {$ref: "#/components/requestBodies/Item"}
      responses: {2XX: {description: ok}}
  /login:
    post:
      operationId: logIn
      security: []
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              properties: {user: {type: string, example: bob $1}, age: {type: integer}}
  /upload:
    post:
      tags: [files, items]
      security: [{key: []}]
      requestBody:
        content:
          multipart/form-data:
            schema:
              type: object
              properties: {note: {type: string}, part: {type: string, format: binary}}
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
    key: {type: apiKey, in: header, name: X-Key}
  requestBodies:
    Item:
      content:
        application/json:
          schema: {$ref: "#/components/schemas/Item"}
  schemas:
    Base:
      type: object
      properties: {id: {type: integer, readOnly: true}, name: {type: string, default: $5}}
    Item:
      allOf:
        - $ref: "#/components/schemas/Base"
        - type: object
          properties:
            price: {type: number, examples: [2.5]}
            tags: {type: array, items: {type: string, format: date}}
            kind: {oneOf: [{type: boolean}, {type: string}]}
            parent: {$ref: "#/components/schemas/Node"}
    Node: {type: object, properties: {next: {$ref: "#/components/schemas/Node"}}}
"""


def test_the_operations_are_sent_with_values_that_fit(tmp_path: Path) -> None:
    with recording() as recorder:
        (tmp_path / "shop.yaml").write_text(DOCUMENT.replace("HOST", recorder.url))
        (tmp_path / "cases" / "files").mkdir(parents=True)
        (tmp_path / "cases" / "files" / "part").write_bytes(b"\0\1")
        found = sent(recorder, tmp_path, "shop.yaml")

    by_line = dict(zip(found.lines(), found.requests, strict=True))
    get, put, login, upload = (
        by_line[line]
        for line in (
            "GET /v1/items/5?lang=en%20gb",
            "PUT /v1/items/5",
            "POST /v1/login",
            "POST /v1/upload",
        )
    )
    assert get.header("x-trace") == "$abc"
    body = json.loads(put.body)
    assert {key: body[key] for key in ("name", "price", "tags", "kind")} == {
        "name": "$5",
        "price": 2.5,
        "tags": ["2030-01-01"],
        "kind": True,
    }
    assert "id" not in body
    assert login.body == b"user=bob+%241&age=1"
    assert b'name="part"; filename="part"' in upload.body


def test_there_is_a_case_per_tag_and_one_for_each_operation_without() -> None:
    cases = cases_of(DOCUMENT.replace("HOST", "https://h"))

    assert sorted(cases) == ["files.yml", "items.yml", "login.yml"]
    assert [step["name"] for step in cases["items.yml"]["teststeps"]] == [
        "one item",
        "PUT /items/{item-id}",
    ]
    assert {case["config"]["base_url"] for case in cases.values()} == {"https://h/v1"}
    assert cases["items.yml"]["config"]["variables"] == {"item_id": 5}
    assert cases["items.yml"]["teststeps"][0]["request"]["url"] == "/items/${item_id}?lang=en%20gb"


def test_the_first_good_status_is_checked() -> None:
    cases = cases_of(DOCUMENT.replace("HOST", "https://h"))

    checks = [step["validate"][0] for step in cases["items.yml"]["teststeps"]]
    assert checks == [{"eq": ["status_code", 200]}, {"lt": ["status_code", 400]}]


def test_secrets_are_left_to_the_environment_file() -> None:
    cases = cases_of(DOCUMENT.replace("HOST", "https://h"))

    assert cases["items.yml"]["config"]["headers"] == {"Authorization": "Bearer ${ENV(TOKEN)}"}
    assert cases["files.yml"]["teststeps"][0]["request"]["headers"] == {"X-Key": "${ENV(X_KEY)}"}
    assert "headers" not in cases["login.yml"]["teststeps"][0]["request"] or (
        "Authorization" not in cases["login.yml"]["teststeps"][0]["request"]["headers"]
    )
    assert "${ENV(TOKEN)} has no value yet (write it into the .env)" in notes_of(DOCUMENT)


def test_references_that_lead_elsewhere_and_a_missing_server_are_told() -> None:
    text = """
openapi: 3.0.0
paths:
  /a:
    post:
      requestBody: {content: {application/json: {schema: {$ref: other.yaml#/A}}}}
  /b:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/none"}}}}
"""
    notes = notes_of(text)

    assert (
        "no server with a host is named (write base_url, or give the command --base-url)" in notes
    )
    assert "other.yaml#/A is not followed" in notes
    assert "#/components/none does not exist" in notes
