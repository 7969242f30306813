"""Test that loading returns a case or reports problems, whatever value a known key has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from boomtalk.engine.case.loader import load_cases
from boomtalk.engine.errors import CaseError
from hypothesis import given
from hypothesis import strategies as st

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3000) | st.floats(allow_nan=False)
    | st.sampled_from(["", "x", "$a", "start", "GET", "random", "a.yml", "1.5", "open"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["a", "b", "check", "eq", "time"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
INNER = [
    "name", "method", "url", "params", "headers", "cookies", "body", "json", "data", "timeout",
    "verify", "http2", "upload", "type", "number", "percent", "time", "text", "close_status",
    "config", "teststeps", "allow_redirects", "request", "variables",
]  # fmt: skip
STEP = [
    "name", "api", "testcase", "think_time", "request", "transaction", "rendezvous",
    "websocket", "variables", "loops", "setup_hooks", "teardown_hooks", "extract", "validate",
    "export", "skip", "ios",
]  # fmt: skip
CONFIG = [
    "name", "base_url", "headers", "environs", "variables", "parameters", "parameters_setting",
    "think_time", "verify", "request_timeout", "case_timeout", "timeout", "export", "weight",
]  # fmt: skip
SETTING = ["pick_order", "limit", "strategies", "strategy", "setting", "min_percentage"]


def _maps(keys: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(st.sampled_from(keys), values, max_size=4) | ANYTHING


CASES = st.fixed_dictionaries(
    {"teststeps": st.lists(_maps(STEP, _maps(INNER, ANYTHING)), max_size=3) | ANYTHING},
    optional={"config": _maps(CONFIG, _maps(SETTING, ANYTHING))},
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("any")
    (folder / "proj.json").write_text("{}", encoding="utf-8")
    return folder


@given(case=CASES)
def test_any_case_loads_or_tells_its_problems_with_their_lines(folder: Path, case: Any) -> None:
    path = folder / "case.json"
    path.write_text(json.dumps(case, indent=1), encoding="utf-8")
    try:
        assert len(load_cases([path]).cases) == 1
    except CaseError as error:
        assert all(problem.place.line for problem in error.problems)  # noqa: PT017
