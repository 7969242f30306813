"""Test that the schema accepts the files that can be run, and refuses typical mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from boomtalk.engine.case.loader import load_cases
from boomtalk.engine.case.source import parse_source, read_source
from boomtalk.engine.errors import CaseError

from tests.docs.pages import blocks_of

from .conftest import Judge

ROOT = Path(__file__).parents[2]
FOLDERS = ("examples", "commands/starter", "tests/case/older")
SUFFIXES = {".yml", ".yaml", ".json"}
# Lists of APIs are called by name and not run; a profile and CI files are no cases.
IS_CASE = ("teststeps", "testcases", "request", "test")


def case_files() -> list[Path]:
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    return [path for path in sorted(files) if path.suffix in SUFFIXES and is_case(path)]


def is_case(path: Path) -> bool:
    source = read_source(path, str(path))
    items = source.value if isinstance(source.value, list) else [source]
    return any(key in IS_CASE for item in items for key, _ in item.items())


def test_every_file_that_is_shipped_or_shown_fits(fits: Judge) -> None:
    files = case_files()
    shown = [parse_source(block.text, ".yml").plain() for block in blocks_of("yaml")]
    assert len(files) > 20
    assert [path for path in files if not fits(read_source(path, str(path)).plain())] == []
    assert [content for content in shown if not fits(content)] == []


def step(text: str) -> str:
    return f"teststeps:\n  - {text}\n"


REQUEST = "{request: {method: GET, url: /}}"


def request(beside: str) -> str:
    return step(REQUEST.removesuffix("}") + f", {beside}}}")


MISTAKES = (
    "config: {}",
    "teststeps: {name: a}",
    "teststeps: [text]",
    "testcases: []",
    "config: {base_url: {a: 1}}\nteststeps: []",
    "config: {weight: heavy}\nteststeps: []",
    step("{name: nothing}"),
    step("{request: {metod: GET, url: /}}"),
    step("{request: {method: DELTE, url: /}}"),
    step("{request: {method: GET, url: [/]}}"),
    step("{request: {method: GET, url: /, headers: [a]}}"),
    step("{request: {method: GET}, url: /}"),
    step("{request: {method: GET, url: /}, valdiate: [eq: [status_code, 200]]}"),
    request("validate: status_code"),
    request("validate: [eq: 200]"),
    request("validate: [eq: [status_code]]"),
    request("validate: [{check: status_code}]"),
    request("extract: token"),
    request("once: always"),
    request("api: api/item.yml, testcase: a.yml"),
    step("{think_time: 1s}"),
    step("{think_time: {seconds: 1}}"),
    step("{testcase: cases/login}"),
    step("{transaction: {name: a, type: begin}}"),
    step("{websocket: {type: opn, url: /}}"),
    step("{websocket: {type: open, url: /}, once: user, validate: {}}"),
    step("{android: {}}"),
    f"- config: {{}}\n- tset: {{}}\n- test: {REQUEST}",
)


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_underlined_and_refused(text: str, fits: Judge, tmp_path: Path) -> None:
    path = tmp_path / "case.yml"
    path.write_text(text)
    assert not fits(read_source(path, "case.yml").plain())
    with pytest.raises(CaseError):
        load_cases([path])


@pytest.mark.parametrize("name", ["case", "api", "suite"])
def test_a_file_may_name_its_schema(name: str, fits: Judge, tmp_path: Path) -> None:
    case: dict[str, Any] = {"teststeps": [{"request": {"method": "GET", "url": "/"}}]}
    files = {
        "case": case,
        "api": case["teststeps"][0],
        "suite": {"testcases": [{"testcase": case}]},
    }
    named = {"$schema": "../.boomtalk/case.schema.json", **files[name]}
    path = tmp_path / "case.json"
    path.write_text(json.dumps(named))
    assert fits(named)
    assert load_cases([path]).warnings == ()
