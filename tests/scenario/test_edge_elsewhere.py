"""List edge cases that other tests prove, each with the name of its test."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROVEN_BY: dict[str, str] = {
    "loops are run by each user, and the load ends by itself": (
        "tests/commands/test_boom.py::test_exactly_the_iterations_that_were_asked_for_are_run"
    ),
    "the smallest and the largest time are kept as they were": (
        "tests/measure/test_histogram.py::test_extremes_are_counted_and_stay_extremes"
    ),
    "a check of a websocket step that does not hold fails it": (
        "tests/scenario/test_websocket.py::test_a_check_that_does_not_hold_fails_the_step"
    ),
    "a private function in debugtalk.py keeps nothing from starting": (
        "tests/plugins/test_compat.py"
        "::test_own_and_imported_functions_are_public_and_classes_modules_and_underscores_are_not"
    ),
    "a timeout counts with the time it took": (
        "tests/load/test_faults.py::test_every_defect_of_a_server_is_named_timed_and_sent_once"
    ),
}


@pytest.mark.parametrize("words", PROVEN_BY)
def test_the_test_that_proves_it_is_there(words: str) -> None:
    file, _, name = PROVEN_BY[words].partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))

    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    assert name in {node.name for node in tree.body if isinstance(node, functions)}
