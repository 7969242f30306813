"""Test functional runs that end early, and the ends of `check`."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from tests.http.scripted_server import OK, Asked, scripted
from tests.support.boomtalk_cli import run_cli, started
from tests.support.processes import Auditor
from tests.support.waiting import PATIENCE, wait_until

from .servers import play
from .test_run import lines


def test_a_case_that_takes_too_long_fails_and_the_next_one_runs(tmp_path: Path) -> None:
    (tmp_path / "next.yml").write_text("config: {name: n}\nteststeps: [{think_time: 0}]")
    case = "config: {name: c}\nteststeps: [{name: slow, think_time: 60}]"
    ended, _ = play(
        tmp_path, "run", "case.yml", "next.yml", "--case-timeout", "0.2", script={}, case=case
    )
    assert ended.code == 1, ended
    assert "the case took longer than 0.2 s" in ended.out
    assert "cases: 1 of 2 passed" in ended.out


def test_ctrl_c_ends_the_run_with_130_and_a_summary_of_what_was_done(
    tmp_path: Path, no_leftovers: Auditor
) -> None:
    case = """
    config: {name: c}
    teststeps:
      - {name: done, request: {method: GET, url: $URL/}}
      - {name: held, request: {method: GET, url: $URL/held}}
    """

    async def main() -> None:
        held = asyncio.Event()

        async def hold(_asked: Asked, _writer: asyncio.StreamWriter) -> None:
            held.set()
            await asyncio.Event().wait()

        async with scripted({b"/": OK, b"/held": hold}) as server:
            (tmp_path / "case.yml").write_text(case.replace("$URL", server.url))
            arguments = ["run", "case.yml", "--json", "summary.json"]
            with started(arguments, cwd=tmp_path) as running:
                await asyncio.wait_for(held.wait(), PATIENCE)
                running.interrupt()
                ended = await asyncio.to_thread(running.wait)
        assert ended.code == 130, ended
        assert lines(ended.out) == [["ok", "done"], ["failed", "held"]]

    asyncio.run(main())
    assert '"success": false' in (tmp_path / "summary.json").read_text()


def test_check_compiles_everything_and_sends_nothing(tmp_path: Path, no_leftovers: Auditor) -> None:
    (tmp_path / "debugtalk.py").write_text("def rows():\n    return [1, 2]\n")
    (tmp_path / "ids.csv").write_text("id\n1\n")
    case = """
    config: {name: c, parameters: {n: "${rows()}", id: "${P(ids.csv)}"}}
    teststeps: [{name: s, request: {method: GET, url: "$URL/$n/$id"}}]
    """
    ended, server = play(tmp_path, "check", "case.yml", script={}, case=case)
    assert (ended.code, ended.err) == (0, ""), ended
    assert ended.out == "1 case with 1 step can run\n"
    assert (server.asked, server.connections) == ([], 0)
    (tmp_path / "ids.csv").write_text("")
    assert run_cli("check", "case.yml", cwd=tmp_path).code == 2


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("command", ["run", "check"])
def test_a_signal_before_the_first_request_ends_the_plugin_too(
    tmp_path: Path, no_leftovers: Auditor, command: str, number: signal.Signals, code: int
) -> None:
    (tmp_path / "debugtalk.py").write_text(
        "import time\nopen('begun', 'w').close()\ntime.sleep(60)\n"
    )
    (tmp_path / "case.yml").write_text("config: {name: c}\nteststeps: [{think_time: 0}]\n")
    with started([command, "case.yml"], cwd=tmp_path) as running:
        wait_until((tmp_path / "begun").exists, "the import of the plugin")
        running.send(number)
        ended = running.wait()
    assert (ended.code, ended.out, ended.err) == (code, "", "warning: interrupted\n"), ended
