"""Test the recipes for CI: they are valid YAML, and their commands work in their order."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from boomtalk.examples.target import TargetProcess

from tests.support.github_action import run_load

from .pages import Block, blocks_of
from .reader import PLACEHOLDER, UNTRUSTED, Reader

# Other programs that a job calls; only boomtalk's own commands are run.
OTHERS = {"pip", "git", "docker", "cat", "gh", "curl"}
OUR_ACTION = "OWNER/boomtalk/deploy@"
KNOWN = {"$SHOP_SECRET": "demo-secret", "http://shop:8080": PLACEHOLDER}


def scripts(recipe: Any) -> Iterator[str]:
    """Yield the shell scripts of GitHub's (`run`) and GitLab's (`script`) jobs, in order."""
    if isinstance(recipe, dict):
        for key, value in recipe.items():
            if key in ("run", "script", "after_script"):
                yield from [value] if isinstance(value, str) else value
            else:
                yield from scripts(value)
    elif isinstance(recipe, list):
        for value in recipe:
            yield from scripts(value)


def lines(recipe: Any) -> Iterator[list[str]]:
    for script in scripts(recipe):
        for line in script.replace("\\\n", "").splitlines():
            for name, value in KNOWN.items():
                line = line.replace(name, value)
            if words := shlex.split(line, comments=True):
                yield words


def uses(recipe: Any) -> Iterator[dict[str, str]]:
    """Yield the inputs of each use of our action."""
    steps = [step for job in recipe.get("jobs", {}).values() for step in job["steps"]]
    for step in steps:
        if step.get("uses", "").startswith(OUR_ACTION):
            yield {name: str(value) for name, value in step["with"].items()}


def runs(inputs: dict[str, str], project: Path, target: TargetProcess) -> bool:
    """Return whether a short load with these inputs ends with a verdict on the target."""
    secret = re.sub(r"\$\{\{ secrets\.\w+ \}\}", "demo-secret", inputs["flags"])
    flags = f"{secret}\n--base-url={target.url}\n--iterations=5\n--warmup=0"
    step = run_load({**inputs, "flags": flags}, project, project / "temp")
    assert step.code in (0, 1, UNTRUSTED), step.printed
    assert step.summary
    return True


@pytest.mark.parametrize("block", blocks_of("yaml ci"), ids=str)
def test_the_commands_of_a_recipe_work_in_their_order(
    block: Block, project: Path, target: TargetProcess
) -> None:
    assert block.name, "say in the first line which file this is"
    reader = Reader(project, target)
    recipe = yaml.safe_load(block.text)
    done = ["boom" for inputs in uses(recipe) if runs(inputs, project, target)]
    for words in lines(recipe):
        if words[0] == "boomtalk":
            reader.type(words)
            done.append(words[1])
        else:
            assert words[0] in OTHERS, words
    assert "boom" in done
