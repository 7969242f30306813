"""Test the GitHub action: its description, and the script of its load test."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import run_cli
from tests.support.github_action import ACTION, action, run_load
from tests.support.waiting import PATIENCE

CASE = """
config: {name: items}
teststeps:
  - name: list items
    request: {method: GET, url: /api/items}
    validate: [{eq: [status_code, 200]}]
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "my cases" / "items.yml"
    path.parent.mkdir()
    path.write_text(CASE)
    return path


def test_a_load_that_holds_has_a_summary_and_results(
    case: Path, target: TargetProcess, tmp_path: Path
) -> None:
    temp = tmp_path / "temp"
    inputs = {
        "cases": f"{case}\n",
        "users": "2",
        "thresholds": "error_rate<1%\n\n  p(95)<60s\n",
        "strict": "false",
        "flags": f"--base-url={target.url}\n--iterations=6\n--tag=title=a b; exit 7\n",
    }
    step = run_load(inputs, case.parent, temp)
    assert step.code == 0, step.printed
    assert step.outputs["exit-code"] == "0"
    assert "error_rate<1%" in unescape(step.summary)
    assert "p(95)<60s" in unescape(step.summary)
    results = Path(step.outputs["results"])
    assert {one.name for one in results.iterdir()} == {
        *("run", "summary.md", "report.html", "junit.xml")
    }
    report = json.loads((results / "run" / "report.json").read_text())
    assert report["load"]["users"] == 2
    assert report["tags"] == {"title": "a b; exit 7"}
    assert report["accounting"]["ok"] == target.stats()["requests"] == 6


def test_a_threshold_that_fails_fails_the_step_and_has_a_summary(
    case: Path, target: TargetProcess, tmp_path: Path
) -> None:
    flags = f"--base-url={target.url}\n--iterations=3"
    inputs = {"cases": str(case), "thresholds": "issued<2", "strict": "false", "flags": flags}
    step = run_load(inputs, case.parent, tmp_path / "temp")
    assert (step.code, step.outputs["exit-code"]) == (1, "1"), step.printed
    assert "issued<2" in unescape(step.summary)


def test_bad_input_fails_the_step_with_2(tmp_path: Path) -> None:
    step = run_load({"cases": "none.yml"}, tmp_path, tmp_path / "temp")
    assert (step.code, step.outputs["exit-code"]) == (2, "2"), step.printed
    assert step.summary == ""


def test_every_input_is_used_and_none_is_part_of_a_script() -> None:
    spec = action()
    used = set(re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", ACTION.read_text()))
    assert used == set(spec["inputs"])
    scripts = [step["run"] for step in spec["runs"]["steps"] if "run" in step]
    # A value in the text of a script could be a command (docs.github.com, script injection).
    assert not any("${{" in script for script in scripts)
    assert all(step["shell"] == "bash" for step in spec["runs"]["steps"] if "run" in step)
    assert all(one["description"] for one in spec["inputs"].values())


def test_only_official_actions_are_used_and_each_is_one_commit() -> None:
    used = [step["uses"] for step in action()["runs"]["steps"] if "uses" in step]
    assert len(used) == 2
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", one) for one in used)


def test_the_flags_of_the_script_are_ours() -> None:
    scripts = "".join(step.get("run", "") for step in action()["runs"]["steps"])
    (script,) = re.findall(r"words=\(\).*", scripts, re.DOTALL)
    ours = set(re.findall(r"--[a-z][\w-]*", run_cli("boom", "--help").out))
    assert set(re.findall(r"--[a-z][\w-]*", script)) <= ours


@pytest.mark.extra
def test_the_action_fits_the_public_schema(tmp_path: Path) -> None:
    def check(file: Path) -> subprocess.CompletedProcess[str]:
        # The package contains the schema of json.schemastore.org/github-action.
        program = [sys.executable, "-m", "check_jsonschema"]
        words = [*program, "--builtin-schema", "vendor.github-actions", str(file)]
        return subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE)

    fits = check(ACTION)
    assert fits.returncode == 0, fits.stdout + fits.stderr
    bad = tmp_path / "action.yml"
    bad.write_text(ACTION.read_text().replace("using: composite", "using: compost"))
    assert check(bad).returncode == 1
