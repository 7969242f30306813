"""Test that a request has not become much more expensive."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Awaitable
from pathlib import Path

import pytest
from boomtalk.engine.http.agent import Agent
from boomtalk.engine.http.request import Request
from boomtalk.engine.http.response import Response
from boomtalk.engine.http.turn import Waiter

from perf import guard

ROOT = Path(__file__).parents[2]


def test_a_request_costs_about_what_it_did() -> None:
    command = [sys.executable, "-m", "perf.guard"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print(ended.stdout)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "a request costs" in ended.stdout


def test_a_dearer_request_path_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = Agent.begin

    def dearly(agent: Agent, request: Request, waiter: Waiter) -> Awaitable[Response] | None:
        sum(range(10_000))
        return begin(agent, request, waiter)

    monkeypatch.setattr(Agent, "begin", dearly)
    case = tmp_path / "case.yml"
    case.write_text(guard.CASE)
    assert guard.ratio_of_now(case) > guard.recorded() * guard.ALLOWED


def test_only_three_losses_in_a_row_are_a_loss() -> None:
    assert guard.is_lost([2.0, 3.0, 2.5], 1.6)
    assert not guard.is_lost(iter([2.0, 3.0, 1.5]), 1.6)


def test_an_attempt_that_is_not_needed_is_not_made() -> None:
    attempts = iter([1.0, 9.0])
    assert not guard.is_lost(attempts, 1.6)
    assert next(attempts) == 9.0
