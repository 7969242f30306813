"""Test how a functional run ends whose steps prepare something once and remove it again."""

from __future__ import annotations

from pathlib import Path

import pytest
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import run_cli, started
from tests.support.waiting import wait_until

CASE = """
config: {name: shop, parameters: {n: [1, 2]}}
teststeps:
  - name: make
    once: run
    request: {method: POST, url: /echo/make, body: "7"}
    extract: {id: body.body}
  - {name: page, request: {method: GET, url: "/delay/60"}}
  - {name: drop, once: end, request: {method: DELETE, url: "/echo/drop/$id"}}
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case.yml"
    path.write_text(CASE)
    return path


def test_ctrl_c_cuts_the_row_and_removes_what_was_made(target: TargetProcess, case: Path) -> None:
    with started(["run", case, "--base-url", target.url]) as running:
        wait_until(lambda: "/delay/60" in target.stats()["by_path"], "the slow step")
        running.interrupt()
        ended = running.wait()

    assert ended.code == 130, ended
    assert target.stats()["by_path"] == {"/echo/make": 1, "/delay/60": 1, "/echo/drop/7": 1}


def test_a_second_ctrl_c_cuts_the_removal_too(target: TargetProcess, case: Path) -> None:
    case.write_text(CASE.replace("/echo/drop/$id", "/delay/61"))
    with started(["run", case, "--base-url", target.url]) as running:
        for path in ("/delay/60", "/delay/61"):
            wait_until(lambda path=path: path in target.stats()["by_path"], path)
            running.interrupt()
        ended = running.wait()

    assert ended.code == 130, ended


def test_the_time_of_a_case_is_that_of_its_last_steps_too(
    target: TargetProcess, case: Path
) -> None:
    slow = CASE.replace("/delay/60", "/").replace("/echo/drop/$id", "/delay/60")
    case.write_text(slow)
    ended = run_cli("run", case, "--base-url", target.url, "--case-timeout", "0.5")

    assert ended.code == 1, ended
    assert "drop" in ended.out
