"""Run the load test of the GitHub action as a runner would."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .waiting import PATIENCE

ACTION = Path(__file__).parents[2] / "deploy" / "action.yml"


@dataclass(frozen=True)
class Step:
    """The end of a step: its exit code, what it printed, its outputs and its summary."""

    code: int
    printed: str
    outputs: Mapping[str, str]
    summary: str


def action() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(ACTION.read_text())
    return found


def run_load(inputs: Mapping[str, str], folder: Path, temp: Path) -> Step:
    """Run the step `load` in a folder; the program is that of this environment."""
    spec = action()
    assert inputs.keys() <= spec["inputs"].keys()
    given = {name: one.get("default", "") for name, one in spec["inputs"].items()} | dict(inputs)
    (step,) = [one for one in spec["runs"]["steps"] if one.get("id") == "load"]
    values = {
        variable: given[text.removeprefix("${{ inputs.").removesuffix(" }}")]
        for variable, text in step["env"].items()
    }
    programs = temp / "boomtalk" / "bin"
    programs.mkdir(parents=True)
    (programs / "boomtalk").symlink_to(Path(sys.executable).with_name("boomtalk"))
    files = {"GITHUB_OUTPUT": temp / "output", "GITHUB_STEP_SUMMARY": temp / "summary"}
    for file in files.values():
        file.touch()
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={
            **os.environ,
            "RUNNER_TEMP": str(temp),
            **values,
            **{k: str(v) for k, v in files.items()},
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
    )
    outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
    return Step(done.returncode, done.stdout, outputs, files["GITHUB_STEP_SUMMARY"].read_text())
