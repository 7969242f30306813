"""Test edge cases of steps: pauses, references, hooks and meeting points."""

from __future__ import annotations

from typing import Any

import pytest
from boomtalk.engine import Load, Ramp, load_cases
from boomtalk.engine.case.model import RendezvousStep
from boomtalk.engine.scenario.rendezvous import group_size

from tests.scenario.bench import Bench

from .outcome import anything, asked_for, case_of, posting, told

GET: dict[str, Any] = {"method": "GET", "url": "/"}
CHILD = """
config: {name: child, base_url: "%s"}
teststeps: [{name: inner, request: {method: GET, url: /x}}]
"""


def test_a_step_of_two_kinds_is_refused(bench: Bench) -> None:
    step = {"name": "s", "think_time": {"time": 1}, "request": GET}

    assert "think_time and request in one step (write two steps)" in told(bench, case_of(step))


@pytest.mark.parametrize("written", [0, "0", {"time": 0}, "${max(0, 0)}"])
def test_a_pause_is_a_number_or_a_map(bench: Bench, written: Any) -> None:
    assert bench.row(case_of({"name": "s", "think_time": written})).passed


# The step's values, and how many of a hundred users meet.
MEETINGS: dict[str, tuple[dict[str, Any], int]] = {
    "number and percent cancel each other": ({"number": 1, "percent": 0.123}, 100),
    "a percentage below one user": ({"percent": 0.00001}, 0),
    "a percentage": ({"percent": 0.5}, 50),
    "a number": ({"number": 7}, 7),
    "more than there are": ({"number": 101}, 100),
    "less than nobody": ({"number": -1}, 100),
    "nothing": ({}, 100),
}


@pytest.mark.parametrize("words", MEETINGS)
def test_so_many_users_meet(bench: Bench, words: str) -> None:
    written, users = MEETINGS[words]
    path = bench.write("case.yml", case_of({"rendezvous": {"name": "r", **written}}))
    loaded = load_cases([path])
    (step,) = loaded.cases[0].steps

    assert isinstance(step, RendezvousStep)
    assert group_size(step, 100) == users
    assert len(loaded.warnings) == ("number" in written and "percent" in written)


def test_a_meeting_of_nobody_holds_nobody_up(bench: Bench) -> None:
    meeting = {"rendezvous": {"name": "r", "percent": 0.00001, "timeout": 600000}}
    outcome, _ = bench.load(case_of(meeting, posting(1)), load=Load(Ramp(2), iterations=1))

    assert outcome.snapshot.iterations.completed == 1


def test_the_name_of_a_reference_has_the_variables_of_its_own_case(bench: Bench) -> None:
    bench.write("child.yml", CHILD % "")
    step = {"name": "x $k", "testcase": "child.yml"}
    row = bench.row(case_of(step, variables={"k": "y"}), anything("/x"))

    assert [(trace.name, trace.passed) for trace in row.traces] == [("x y - inner", True)]


def test_a_referenced_case_goes_where_its_parent_goes(bench: Bench) -> None:
    bench.write("child.yml", CHILD % "http://127.0.0.1:1")
    step = {"name": "s", "testcase": "child.yml"}
    case = case_of(step, base_url="$URL/parent")

    assert asked_for(bench, case, anything("/parent/x")) == ["/parent/x"]


@pytest.mark.parametrize("result", [None, True, False, (1, 2), "text"])
@pytest.mark.parametrize("when", ["setup_hooks", "teardown_hooks"])
def test_a_hook_may_return_anything(bench: Bench, when: str, result: Any) -> None:
    bench.functions = {"hook": lambda: result}

    assert bench.row(case_of(posting(1, **{when: ["${hook()}"]}))).passed
