"""Test that OpenAPI documents are followed into the files beside them, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from boomtalk.engine.convert.convert import Converted, Source, convert
from boomtalk.engine.convert.har import Wanted

ROOT = """
openapi: 3.1.0
servers: [{url: "http://h"}]
paths:
  /created: {post: {$ref: operations/add.yml}}
  /items/{id}: {$ref: "paths/item.json"}
"""
FILES = {
    "operations/add.yml": """
summary: add an item
parameters: [{$ref: "../shared/parameters.yml#/Lang"}]
requestBody:
  content:
    application/json: {schema: {$ref: "../shared/schemas.yml#/Item"}}
responses: {"201": {description: made}}
""",
    "paths/item.json": '{"parameters": [{"$ref": "../shared/parameters.yml#/Id"}], "get": {}}',
    "shared/parameters.yml": """
Lang: {name: lang, in: query, required: true, schema: {$ref: "schemas.yml#/Lang"}}
Id: {name: id, in: path, required: true, schema: {type: integer, example: 9}}
""",
    "shared/schemas.yml": """
Lang: {type: string, enum: [de]}
Name: {type: string, example: tea}
Item: {type: object, properties: {name: {$ref: "#/Name"}, parent: {$ref: "#/Item"}}}
""",
}


def converted(folder: Path, text: str, files: Mapping[str, str]) -> Converted:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return convert([Source("api.yaml", text, folder)], Wanted(), {}, "files")


def steps(found: Converted) -> list[dict[str, Any]]:
    cases = [yaml.safe_load(text) for text in found.cases.values()]
    return [step for case in cases for step in case["teststeps"]]


def test_references_lead_into_files_and_from_these_to_others(tmp_path: Path) -> None:
    found = converted(tmp_path, ROOT, FILES)
    add, get = steps(found)

    assert list(map(str, found.notes)) == []
    assert (add["name"], add["validate"]) == ("add an item", [{"eq": ["status_code", 201]}])
    assert add["request"]["params"] == {"lang": "de"}
    assert add["request"]["json"] == {"name": "tea"}
    assert get["request"]["url"] == "/items/${id}"


def test_what_is_missing_remote_hidden_or_elsewhere_is_told_and_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "api"
    places = {
        "/gone": "gone.yml",
        "/net": "http://127.0.0.1:1/x.yml#/a",
        "/file": "file:///etc/hostname",
        "/up": "../secret.yml",
        "/hidden": ".env.yml",
        "/part": "operations/add.yml#/nothing",
    }
    text = "openapi: 3.0.0\nservers: [{url: 'http://h'}]\npaths:\n" + "".join(
        f"  {path}: {{get: {{summary: s, parameters: [{{$ref: '{where}'}}]}}}}\n"
        for path, where in places.items()
    )
    files = {**FILES, "../secret.yml": "{name: a, in: query, required: true}"}
    found = converted(folder, text, {**files, ".env.yml": files["../secret.yml"]})
    notes = "\n".join(map(str, found.notes))

    assert len(steps(found)) == len(places)
    assert not any("params" in step["request"] for step in steps(found))
    for told in (
        "step 's': gone.yml is not followed: No such file or directory",
        "http://127.0.0.1:1/x.yml#/a is not fetched (keep a copy beside the document)",
        "file:///etc/hostname is not fetched",
        "../secret.yml is not followed: it is outside of the document's folder",
        ".env.yml is not followed: hidden files are not read",
        "operations/add.yml#/nothing does not exist",
    ):
        assert told in notes


def test_a_damaged_operation_costs_that_operation() -> None:
    text = """
openapi: 3.0.0
servers: [{url: "http://h"}]
paths:
  /a: {get: {summary: good}}
  /b: {get: {summary: bad, parameters: [{name: x, in: query, required: true, schema: 5}], tags: 7}}
  /c: {get: what}
"""
    found = convert([Source("api.yaml", text)], Wanted(), {}, "files")
    notes = "\n".join(map(str, found.notes))

    assert [step["name"] for step in steps(found)] == ["good"]
    assert "step 'GET /b': left out" in notes
    assert "step 'GET /c': left out" in notes
