"""Test the names and results of repetitions in a functional run."""

from __future__ import annotations

import json
from pathlib import Path

from tests.http.scripted_server import OK

from .servers import play

CASE = """
config: {name: loops, base_url: $URL}
teststeps:
  - {name: once, loops: 1, request: {method: GET, url: /}}
  - {name: twice, loops: 2, request: {method: GET, url: /}}
  - {name: outer, loops: 2, testcase: inner.yml}
"""
INNER = """
teststeps:
  - {name: inner, loops: 2, request: {method: GET, url: /}}
  - {name: left out, skip: true, request: {method: GET, url: /}}
"""


def test_a_repeated_step_is_written_down_under_the_number_of_each_repetition(
    tmp_path: Path,
) -> None:
    (tmp_path / "inner.yml").write_text(INNER)
    flags = ["--json", "summary.json"]
    ended, _ = play(tmp_path, "run", "case.yml", *flags, script={b"/": OK}, case=CASE)
    assert ended.code == 0, ended
    (detail,) = json.loads((tmp_path / "summary.json").read_text())["details"]
    assert [record["name"] for record in detail["records"]] == [
        "once",
        "twice_loop_1",
        "twice_loop_2",
        "outer - inner_loop_1_loop_1",
        "outer - inner_loop_1_loop_2",
        "outer - left out_loop_1",
        "outer - inner_loop_2_loop_1",
        "outer - inner_loop_2_loop_2",
        "outer - left out_loop_2",
    ]
