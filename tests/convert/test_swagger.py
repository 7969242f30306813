"""Test the conversion of Swagger 2.0: bodies, forms, files, shared parameters, security."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.hrp.recording import recording

from .sending import cases_of, notes_of, requests_of, sent

SWAGGER = """
swagger: "2.0"
info: {title: shop, version: "1"}
host: h
basePath: /v1
schemes: [http]
consumes: [application/json]
securityDefinitions:
  login: {type: basic}
  key: {type: apiKey, in: query, name: key}
  oauth: {type: oauth2, flow: implicit, authorizationUrl: "http://h/auth"}
parameters:
  Dry: {name: dry, in: query, required: true, type: boolean, default: true}
paths:
  /items/{id}:
    parameters:
      - {$ref: "#/parameters/Dry"}
      - {name: id, in: path, required: true, type: integer, minimum: 7}
    post:
      summary: add an item
      security: [{key: []}]
      parameters:
        - {name: item, in: body, required: true, schema: {$ref: "#/definitions/Item"}}
        - {name: tag, in: query, required: true, type: array, items: {type: string, enum: [a]},
           collectionFormat: multi}
        - {name: ids, in: query, required: true, type: array, items: {type: integer}, minItems: 2,
           collectionFormat: pipes}
        - {name: X-Kind, in: header, required: true, type: string, enum: [new, old]}
        - {name: page, in: query, type: integer}
      responses: {"201": {description: made}}
  /form:
    post:
      consumes: [application/x-www-form-urlencoded]
      security: [{login: []}]
      parameters:
        - {name: color, in: formData, required: true, type: string, enum: [red, blue]}
      responses: {"200": {description: fine}}
  /upload:
    post:
      security: [{oauth: []}]
      parameters:
        - {name: photo, in: formData, required: true, type: file}
        - {name: note, in: formData, type: string, default: small}
      responses: {"302": {description: elsewhere}}
definitions:
  Item: {type: object, properties: {name: {type: string, example: tea}}}
"""


def test_the_operations_are_sent(tmp_path: Path) -> None:
    with recording() as recorder:
        (tmp_path / "shop.yaml").write_text(
            SWAGGER.replace("host: h", f"host: {recorder.url.removeprefix('http://')}")
            .replace('"302"', '"200"')
            .replace('"201"', '"200"')
        )
        found = sent(recorder, tmp_path, "shop.yaml")

    by_path = {one.target.partition("?")[0]: one for one in found.requests}
    items, form, upload = (by_path[f"/v1/{name}"] for name in ("items/7", "form", "upload"))
    assert items.target == "/v1/items/7?dry=true&tag=a&ids=1%7C1&key="
    assert json.loads(items.body) == {"name": "tea"}
    assert (items.header("content-type"), items.header("x-kind")) == ("application/json", "new")
    assert form.body == b"color=red"
    assert b'name="photo"; filename="photo"' in upload.body
    assert b'name="note"' in upload.body


def test_the_credentials_are_left_to_the_environment_file() -> None:
    form, upload = (one for one in requests_of(SWAGGER) if "/items" not in one["url"])

    assert form["headers"]["Authorization"] == "Basic ${ENV(BASIC_AUTH)}"
    assert upload["headers"] == {"Authorization": "Bearer ${ENV(TOKEN)}"}


def test_a_documented_redirect_is_checked_and_not_followed() -> None:
    (case,) = (one for one in cases_of(SWAGGER).values() if one["config"]["name"] == "POST /upload")
    (step,) = case["teststeps"]

    assert step["request"]["allow_redirects"] is False
    assert step["validate"] == [{"eq": ["status_code", 302]}]


@pytest.mark.parametrize(
    ("written", "base"),
    [
        ("host: api.example\nbasePath: /v2", "https://api.example/v2"),
        ("host: api.example\nschemes: [ws, http]", "http://api.example"),
        ("host: api.example\nschemes: [http, https]\nbasePath: v2/", "https://api.example/v2"),
        ("basePath: /v2", "http://127.0.0.1/v2"),
        ("schemes: [https]", "http://127.0.0.1"),
    ],
)
def test_host_path_and_schemes_give_the_base(written: str, base: str) -> None:
    text = f"swagger: '2.0'\n{written}\npaths: {{/a: {{get: {{}}}}}}"
    (case,) = cases_of(text).values()

    assert case["config"]["base_url"] == base
    assert ("no server with a host is named" in notes_of(text)) == ("host" not in written)


def test_parameters_that_are_left_out_are_told_with_their_step() -> None:
    assert "step 'add an item': optional without an example, left out: page" in notes_of(SWAGGER)
