"""Test that the examples of docs/cases.md load and compile."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from boomtalk.engine.case.model import Case, ReferenceStep, RequestStep
from boomtalk.engine.case.steps import KINDS
from boomtalk.engine.values.assertions import ASSERTIONS, compile_check
from boomtalk.engine.values.builtins import builtin_functions
from boomtalk.engine.values.expressions import compile_template
from boomtalk.engine.values.extraction import compile_extraction
from boomtalk.engine.values.functions import Functions
from boomtalk.engine.values.rows import compile_parameters
from boomtalk.engine.values.variables import compile_variables

PAGE = Path(__file__).parents[2] / "docs" / "cases.md"
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.M)
IS_CASE = re.compile(r"^(?:teststeps:|- test:|testcases:)", re.MULTILINE)


def _named(block: str) -> str | None:
    match = re.match(r"# file: (\S+)\n", block)
    return match[1] if match else None


@pytest.fixture
def documented(project: Any) -> Any:
    for block in BLOCKS:
        if name := _named(block):
            project.put(name, block)
    return project


@pytest.mark.parametrize("block", [block for block in BLOCKS if IS_CASE.search(block)])
def test_an_example_loads_and_compiles_without_a_warning(documented: Any, block: str) -> None:
    documented.put("example.yml", block)
    loaded = documented.load("example.yml")

    assert loaded.warnings == ()
    for case in loaded.cases:
        _compile(case)


def _compile(case: Case) -> None:
    functions = Functions(project=case.project)
    compile_variables(case.config.variables, functions, [])
    compile_parameters(case, functions)
    for step in case.steps:
        compile_variables(step.variables, functions)
        compile_template(step.name, functions)
        if isinstance(step, ReferenceStep):
            _compile(step.case)
        if isinstance(step, RequestStep):
            _compile_request(step, functions)


def _compile_request(step: RequestStep, functions: Functions) -> None:
    for written in (step.url, *step.params.values(), *step.headers.values()):
        compile_template(written, functions)
    for written in step.extract.values():
        compile_extraction(written, functions)
    for validation in step.validate:
        compile_check(validation, functions)


def _missing(names: Iterable[str]) -> list[str]:
    words = set(re.findall(r"\w+", PAGE.read_text(encoding="utf-8")))
    return [name for name in names if name not in words]


def test_every_step_kind_and_function_is_documented() -> None:
    assert _missing(KINDS) == []
    assert _missing(builtin_functions(Path(), {}, random.Random())) == []


def test_every_assertion_is_documented_by_name_or_family() -> None:
    families = ("length_", "count_")

    words = (name for name in ASSERTIONS if name.isidentifier())
    assert _missing(name for name in words if not name.startswith(families)) == []
