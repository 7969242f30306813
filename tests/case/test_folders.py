"""Test that a folder's files that hold steps are run or named, and that others are no noise."""

from __future__ import annotations

import json
from typing import Any

import pytest
from boomtalk.engine.errors import CaseError, UsageError

CASE = "config: {name: %s}\nteststeps: [{name: s, request: {method: GET, url: /}}]\n"
STEP = "{name: s, request: {method: GET, url: /}}"
API = "name: an api\nrequest: {method: GET, url: /}\n"
STEPS = [{"name": "s", "request": {"method": "GET", "url": "/"}}]


def _names(loaded: Any) -> list[str]:
    return [case.config.name.value for case in loaded.cases]


def test_cases_of_all_forms_and_suites_are_run(project: Any) -> None:
    project.put("a/map.yml", CASE % "map")
    project.put("a/list.yml", f"- config: {{name: list}}\n- test: {STEP}\n")
    project.put("a/list.json", json.dumps([{"config": {}}, {"test": STEPS[0]}]))
    project.put("a/only_references.yml", "- test:\n    name: r\n    testcase: a/map.yml\n")
    project.put("b/suite.yml", "config: {name: s}\ntestcases:\n  again: {testcase: a/map.yml}\n")
    project.put("b/bare.yml", "testcases:\n- {name: bare, testcase: a/map.yml}\n")
    loaded = project.load(".")

    assert _names(loaded) == ["list", "list", "map", "only_references", "bare", "again"]
    assert loaded.warnings == ()


NO_CASES = {
    "compose.yaml": "services: {web: {image: x, healthcheck: {test: [CMD, curl]}}}\n",
    "api/user.yml": API,
    "api/basic.yml": "- api: {def: f(), request: {method: GET, url: /}}\n",
    "suite/login.yml": f"- config: {{def: log_in($user)}}\n- test: {STEP}\n",
    "package.json": '{"scripts": {"test": "jest"}, "dependencies": {"request": "^2"}}',
    "broken.json": '{"scripts": {"test": "jest", }',
    "template.yml": "test: {{ value }}\n{% if x %}\n",
    "openapi.yml": "openapi: 3.0.0\npaths: {/: {get: {x-request: {method: GET}}}}\n",
    "log.har": "{}",
    "parser.json": '[{"test": "0001", "received": [1], "sent": []}]',
    "crd.yml": "spec:\n  request:\n    method: x\n",
    "ci.yml": "jobs:\n  test:\n    steps: [{name: s, run: make test}]\n",
    "results.json": '{"stat": {"testcases": 1, "teststeps": 2}}',
    "testcases.yml": "testcases: [{id: 1, title: by hand}]\n",
    "empty.yml": "",
    "rows.json": "[1, 2]",
}


def test_files_that_are_no_cases_are_no_noise(project: Any) -> None:
    project.put("case.yml", CASE % "only")
    for name, text in NO_CASES.items():
        project.put(name, text)
    loaded = project.load(".")

    assert (_names(loaded), loaded.warnings) == (["only"], ())


@pytest.mark.parametrize("name", sorted(NO_CASES))
def test_a_folder_of_such_files_has_no_case(project: Any, name: str) -> None:
    project.put(f"f/{name}", NO_CASES[name])

    with pytest.raises(UsageError, match="no test case in f"):
        project.load("f")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            {"config": {}, "teststep": STEPS},
            "no teststeps, but teststep holds requests (write teststeps instead of teststep)",
        ),
        (
            {"config": {}, "steps": STEPS},
            "no teststeps, but steps holds requests (write teststeps instead of steps)",
        ),
        ({"config": {}, "calls": STEPS}, "no teststeps, but calls holds requests"),
        (
            {"config": {}, "TestSteps": [{"name": "s", "api": "api/user.yml"}]},
            "no teststeps, but TestSteps holds requests (write teststeps instead of TestSteps)",
        ),
        (STEPS, "a list of steps without teststeps (put them under teststeps)"),
        (
            [{"name": "s", "testcase": "a.yml"}],
            "a list of steps without teststeps (put them under teststeps)",
        ),
        (
            {"info": {}, "item": STEPS},
            "no teststeps, but item holds requests (boomtalk convert makes cases of a collection)",
        ),
        (
            {"project": {}, "testcases": [{"config": {}, "teststeps": STEPS}]},
            "no teststeps, but testcases holds requests (write teststeps instead of testcases)",
        ),
    ],
)
def test_a_file_that_holds_steps_in_another_way_is_named(
    project: Any, text: Any, told: str
) -> None:
    project.put("f/case.yml", CASE % "only")
    project.put("f/other.json", json.dumps(text))
    loaded = project.load("f")

    assert _names(loaded) == ["only"]
    assert list(map(str, loaded.warnings)) == [f"f/other.json:1: is not run: {told}"]


def test_a_broken_api_is_told_if_a_case_uses_it_and_is_no_noise_otherwise(project: Any) -> None:
    project.put("f/api/broken.yml", "name: a\nrequest:\n  method: GET\n  url: [\n")
    project.put("f/case.yml", CASE % "only")
    assert _names(project.load("f")) == ["only"]

    project.put("f/using.yml", "teststeps: [{name: s, api: f/api/broken.yml}]")
    with pytest.raises(CaseError) as error:
        project.load("f")
    assert str(error.value.problems[0]).startswith("f/api/broken.yml:")


def test_what_is_odd_in_a_file_counts_only_if_the_file_is_used(project: Any) -> None:
    double = "name: a\nrequest:\n  method: GET\n  url: /\n---\nname: b\n"
    project.put("f/api/double.yml", double)
    project.put("f/case.yml", (CASE % "only") + "---\nname: b\n")
    (own,) = project.load("f").warnings
    assert str(own).startswith("f/case.yml:")

    project.put("f/using.yml", "teststeps: [{name: s, api: f/api/double.yml}]")
    assert [str(one).partition(":")[0] for one in project.load("f").warnings] == [
        "f/case.yml",
        "f/api/double.yml",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "config: {}\nteststeps: [\n",
        f"- config: {{name: x}}\n- test: {STEP}\n  broken\n",
        '[{"config": {}}, {"test": {"name": "s"}]',
        "config: {}\ntestcases:\n- {name: [}\n",
        "- config: {}\n- test:\n    name: s\n    request: {method: GET}\n",
        "config: {}\ntestcases: []\n",
        "config: {}\nteststeps:\n",
    ],
)
def test_a_broken_case_of_any_form_is_an_error(project: Any, text: str) -> None:
    project.put("f/good.yml", CASE % "good")
    project.put("f/broken.yml", text)

    with pytest.raises(CaseError) as error:
        project.load("f")
    assert str(error.value.problems[0]).startswith("f/broken.yml:")
    assert [case.config.name.value for case in error.value.cases] == ["good"]
