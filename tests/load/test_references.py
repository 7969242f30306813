"""Test that each step has its own response time in an open load, even in references and loops."""

from __future__ import annotations

from pathlib import Path

import pytest
from boomtalk.examples.target import TargetProcess

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import read_report, run_cli

STEPS = """
  - {name: slow, request: {method: GET, url: /delay/0.4}}
  - {name: rest, think_time: {time: 0.4}}
  - {name: quick, request: {method: GET, url: /}}
"""
CASES = {
    "plain": f"config: {{name: plain}}\nteststeps:{STEPS}",
    "reference": "config: {name: outer}\nteststeps: [{name: inner, testcase: inner.yml}]\n",
    "loops": """
config: {name: loops}
teststeps:
  - {name: quick, loops: 3, request: {method: GET, url: /delay/0.2}}
""",
}


@pytest.mark.parametrize("name", CASES)
def test_what_came_before_a_step_is_not_in_its_response(
    name: str, target: TargetProcess, tmp_path: Path
) -> None:
    (tmp_path / "proj.json").write_text("{}")
    (tmp_path / "inner.yml").write_text(f"config: {{name: inner}}\nteststeps:{STEPS}")
    case, path = tmp_path / "case.yml", tmp_path / "report.json"
    case.write_text(CASES[name])
    flags = ("--arrival-rate", "5/s", "-d", "1s", "--no-out", "--json", path)
    ended = run_cli("boom", case, "--base-url", target.url, *flags)
    assert ended.code == 0, ended
    report = read_report(path)
    check_accounting(report, server_requests=target.stats()["requests"])
    (quick,) = (step for step in report["steps"] if step["name"].endswith("quick"))
    # With what came before, it would be 800 ms more here, and up to 400 ms more in the loop.
    assert quick["response_ms"]["p50"] < quick["latency_ms"]["p50"] + 150
    assert quick["response_ms"]["p50"] >= quick["latency_ms"]["min"]
