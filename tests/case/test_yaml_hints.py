"""Test what a case file with a slip of its author is told to change."""

from __future__ import annotations

from typing import Any

import pytest

STEP = "teststeps:\n  - name: one\n"
SLIPS = [
    (STEP + "   request: {method: GET}\n", "case.yml:3: not YAML", "indent request like name in"),
    (STEP + "     request: {method: GET}\n", "case.yml:3: not YAML", "indent request like name in"),
    (STEP + "  request: {method: GET}\n", "case.yml:3: not YAML", "indent request like name in"),
    ("teststeps:\n  -name: one\n   url: /\n", "case.yml:3", "behind the dash: - name: one"),
    (STEP + "    request:\n      method:GET\n      url: /\n", "yml:5", "a blank behind method:"),
    ("teststeps:\n  - name： one\n    url: /\n", "case.yml:3", "write : and a blank instead of ："),
    ("teststeps:\n  - name: a: b\n", "case.yml:2", "a colon and a blank in quotes"),
    ("teststeps:\n  - name: a\n    url: b: c\n", "case.yml:3", "a colon and a blank in quotes"),
    ('config: {}\nteststeps:\n  - name: "one\n', "case.yml:", "quote that begins in line 3"),
    ("teststeps:\n  - name: 'one\n    url: /\n", "case.yml:", "quote that begins in line 2"),
    ("teststeps:\n  - name: *one\n", "case.yml:2", "begins with * in quotes"),
    ("teststeps:\n  - {url: ${f()}}\n", "case.yml:2", "holds { } [ ] or a comma in quotes"),
    ("teststeps:\n  - name: %one\n", "case.yml:2", "begins with @ % or a backtick in quotes"),
    ("teststeps:\n\t- name: one\n", "case.yml:2", "with spaces, not with tabs"),
    (STEP + "    name: two\n", "case.yml:3: duplicate key 'name'", "put - before it"),
    (STEP + "    x: {a: 1}\n    x: 2\n", "case.yml:4: duplicate key 'x' (first in line 3)", ""),
    ("teststeps:\n  name: one\n", "case.yml:1: teststeps: must be a list", "each step with -"),
    ("config: {}\nteststeps:\n", "case.yml:2: teststeps: teststeps is empty", "each beginning"),
    ("config: {}\nteststep: []\n", "no teststeps", "write teststeps instead of teststep"),
    ("config: {}\nsteps: []\n", "case.yml:1: teststeps: no teststeps", ""),
    (STEP + "    request:\n    method: GET\n    url: /\n", "case.yml:3", "indent method and all"),
]


@pytest.mark.parametrize(("text", "place", "hint"), SLIPS)
def test_a_slip_is_told_with_its_line_and_what_to_do(
    project: Any, text: str, place: str, hint: str
) -> None:
    (told,) = project.problems(text)

    assert place in told
    assert hint in told


@pytest.mark.parametrize(
    "reference", ["api: api/logn.yml", "testcase: api/Login.yml", "api: login.yml"]
)
def test_a_misspelt_reference_gets_a_suggestion(project: Any, reference: str) -> None:
    project.put("api/login.yml", "request: {method: GET, url: http://h/}")
    (told,) = project.problems(f"teststeps: [{{{reference}}}]")

    assert "did you mean api/login.yml?" in told


def test_a_reference_may_have_the_separators_of_windows(project: Any) -> None:
    project.put("api/login.yml", "request: {method: GET, url: http://h/}")

    assert project.step(r"{api: api\login.yml}").method.value == "GET"
