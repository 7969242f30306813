"""Test that cases of one name are told apart in the same way on every machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from boomtalk.engine import load_cases
from boomtalk.engine.scenario.prepare import names_of
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import read_report, run_cli

CASE = "config: {name: login}\nteststeps: [{name: get, request: {method: GET, url: /}}]\n"
OUTER = "config: {name: outer}\nteststeps: [{name: first, testcase: cases/b/login.yml}]\n"
APART = ["outer", "login (a/login.yml)", "login (b/login.yml)"]


def project(folder: Path) -> list[str]:
    """Write a project; return its cases, the one that refers to another first."""
    for name in ("a", "b"):
        (folder / "cases" / name).mkdir(parents=True)
        (folder / "cases" / name / "login.yml").write_text(CASE)
    (folder / "proj.json").write_text("{}")
    (folder / "0.yml").write_text(OUTER)
    return ["0.yml", "cases/a/login.yml", "cases/b/login.yml"]


@pytest.mark.parametrize("here", [".", "cases", "/"])
def test_names_depend_neither_on_the_machine_nor_on_the_working_directory(
    here: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for machine in ("one", "another/deeper"):
        folder = tmp_path / machine
        paths = project(folder)
        monkeypatch.chdir(folder / here)
        relative = [Path(os.path.relpath(folder / path)) for path in paths]

        assert names_of(load_cases(relative).cases) == APART
        assert names_of(load_cases([folder / path for path in paths]).cases) == APART


def test_a_case_that_is_given_twice_is_not_told_apart_from_itself(tmp_path: Path) -> None:
    (tmp_path / "login.yml").write_text(CASE)
    (tmp_path / "link.yml").symlink_to("login.yml")
    paths = [tmp_path / name for name in ("login.yml", "login.yml", "link.yml")]

    assert names_of(load_cases(paths).cases) == ["login"] * 3


def test_a_threshold_can_name_the_step_of_one_of_them(
    tmp_path: Path, target: TargetProcess
) -> None:
    paths = project(tmp_path)
    rule = "issued{login (b/login.yml)/get}<=12"
    words = ("boom", *paths, "--base-url", target.url, "-i", "12")

    ended = run_cli(*words, "--threshold", rule, "--no-out", "--json", "r.json", cwd=tmp_path)

    assert ended.code == 0, ended
    report = read_report(tmp_path / "r.json")
    assert [step["case"] for step in report["steps"]] == APART
    assert str(tmp_path) not in str([report["steps"], report["transactions"]])
