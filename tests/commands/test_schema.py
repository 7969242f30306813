"""Test the schemas that are printed, and that profiles fit what the flags say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from boomtalk.engine.schema.files import case_schema

from tests.docs.pages import ROOT, blocks_of
from tests.schema.conftest import judge_of
from tests.support.boomtalk_cli import run_cli

REFUSED: tuple[dict[str, Any], ...] = (
    {"spawn-cuont": 40},
    {"users": [1]},
    {"users": "1", "no-out": 3},
    {"duration": {"seconds": 1}},
)


@pytest.fixture(scope="module")
def profile_schema() -> dict[str, Any]:
    printed = run_cli("schema", "profile")
    assert (printed.code, printed.err) == (0, "")
    schema: dict[str, Any] = json.loads(printed.out)
    return schema


def test_the_schema_of_cases_is_printed() -> None:
    printed = run_cli("schema")
    assert (printed.code, printed.err) == (0, "")
    assert json.loads(printed.out) == case_schema()


def test_profiles_of_the_project_fit(profile_schema: dict[str, Any]) -> None:
    fits = judge_of(profile_schema)
    shown = [yaml.safe_load(block.text) for block in blocks_of("yaml profile")]
    starter = yaml.safe_load((ROOT / "commands" / "starter" / "profile.yml").read_text())
    assert shown
    assert [one for one in (*shown, starter) if not fits(one)] == []


@pytest.mark.parametrize("profile", REFUSED, ids=str)
def test_what_boom_refuses_is_underlined(
    profile: dict[str, Any], profile_schema: dict[str, Any], tmp_path: Path
) -> None:
    assert not judge_of(profile_schema)(profile)
    path = tmp_path / "profile.yml"
    path.write_text(json.dumps(profile))
    assert run_cli("boom", "http://127.0.0.1:9/", "--dry-run", "--profile", path).code == 2


def test_a_repeatable_flag_may_have_one_value(
    profile_schema: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "profile.yml"
    path.write_text("stage: 10s:5\n")
    assert judge_of(profile_schema)({"stage": "10s:5"})
    ended = run_cli("boom", "http://127.0.0.1:9/", "--dry-run", "--profile", path)
    assert (ended.code, ended.err) == (0, "")


def test_files_of_a_new_project_name_their_schemas(
    profile_schema: dict[str, Any], tmp_path: Path
) -> None:
    assert run_cli("init", "shop", cwd=tmp_path).code == 0
    named = {}
    for path in sorted((tmp_path / "shop").rglob("*.yml")):
        mark, _, address = path.read_text().partition("\n")[0].partition("$schema=")
        assert mark == "# yaml-language-server: "
        named[path.name] = json.loads((path.parent / address).read_text())
    case = case_schema()
    assert named == dict.fromkeys(("item.yml", "login.yml", "shop.yml"), case) | {
        "profile.yml": profile_schema
    }
