"""Test that signals end the program at every moment, also while its loop is blocked."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import uvloop
from boomtalk.commands.assembly.loop import run_on_loop
from boomtalk.commands.border import ending_with_a_code
from boomtalk.engine.signals import Interrupted
from boomtalk.examples.target import TargetProcess

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import read_report, started
from tests.support.processes import Auditor
from tests.support.unread import unread_pipe
from tests.support.waiting import wait_until

CASE = """
config: {name: c}
teststeps:
  - {name: fine, request: {method: GET, url: /}, validate: [{eq: [status_code, 200]}]}
  - name: endless
    request: {method: POST, url: /echo, body: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!}
    validate: [{startswith: [body, a]}]
"""
# A fault of the program itself, so that no limit for patterns of authors ends it.
BLOCKED = """
import re, sys
from pathlib import Path
from boomtalk.engine.values.comparisons import ASSERTIONS
from boomtalk.cli import main

def search(actual, expected):
    Path("blocked").touch()
    re.search("^(a+)+$", "a" * 48 + "!")

ASSERTIONS["startswith"] = search
main()
"""
PLAIN = "from boomtalk.cli import main\nmain()\n"
# Sends the signal when a module begins to be imported.
AT_IMPORT = """
import os, sys

class Finder:
    def find_spec(name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), {number})

sys.meta_path.insert(0, Finder)
from boomtalk.cli import main
main()
"""
AT_READING = """
import os, signal
from boomtalk.commands.assembly import case_files
from boomtalk.cli import main

load = case_files.load_cases

def load_cases(*arguments):
    os.kill(os.getpid(), signal.SIGTERM)
    return load(*arguments)

case_files.load_cases = load_cases
main()
"""


def insist(
    send: Callable[[signal.Signals], None], is_running: Callable[[], bool], number: signal.Signals
) -> None:
    """Send a signal again and again until the program has ended, as an impatient user does.

    Two that are sent at once may arrive as one.
    """

    def has_ended() -> bool:
        send(number)
        return not is_running()

    wait_until(has_ended, "the end of the program")


@pytest.fixture
def words(target: TargetProcess, tmp_path: Path) -> list[str]:
    (tmp_path / "case.yml").write_text(CASE)
    return ["case.yml", "--base-url", target.url]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGHUP, 143)])
def test_the_second_signal_ends_a_load_whose_loop_is_blocked_with_all_that_was_counted(
    words: list[str],
    target: TargetProcess,
    tmp_path: Path,
    no_leftovers: Auditor,
    number: signal.Signals,
    code: int,
) -> None:
    (tmp_path / "debugtalk.py").write_text("def unused():\n    pass\n")
    flags = ("-d", "40s", "--out", "out", "--csv", "o.csv", "--samples", "s.jsonl")
    with started(["boom", *words, *flags], cwd=tmp_path, script=BLOCKED) as running:
        wait_until((tmp_path / "blocked").exists, "the blocked check")
        insist(running.send, running.is_running, number)
        ended = running.wait()

    assert (ended.code, ended.out) == (code, "")
    assert ended.err.startswith("error: ended by the second signal; the program was busy in search")
    report = read_report(tmp_path / "out" / "report.json")
    check_accounting(report, target.stats()["requests"])
    assert (report["stopped_by"], report["exit_code"]) == ("signal", code)
    assert [report["accounting"][name] for name in ("issued", "ok", "cancelled")] == [2, 1, 1]
    assert (tmp_path / "o.csv").exists()
    samples = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text().splitlines()]
    assert [sample["kind"] for sample in samples] == ["ok", "cancelled"]


def test_a_blocked_load_ends_also_where_nobody_reads_what_it_prints(
    words: list[str], tmp_path: Path
) -> None:
    boom = ["boom", *words, "--out", "out", "-d", "40s"]
    with (
        unread_pipe(full=True) as pipe,
        started(boom, cwd=tmp_path, script=BLOCKED, out_to=pipe, err_to=pipe) as running,
    ):
        wait_until((tmp_path / "blocked").exists, "the blocked check")
        insist(running.send, running.is_running, signal.SIGTERM)
        assert running.wait().code == 143

    assert read_report(tmp_path / "out" / "report.json")["stopped_by"] == "signal"


def test_the_second_signal_ends_a_blocked_functional_run_with_its_reports(
    words: list[str], tmp_path: Path
) -> None:
    run = ["run", *words, "--json", "o.json"]
    with started(run, cwd=tmp_path, script=BLOCKED) as running:
        wait_until((tmp_path / "blocked").exists, "the blocked check")
        insist(running.send, running.is_running, signal.SIGTERM)
        ended = running.wait()

    assert ended.code == 143, ended
    assert "the program was busy in search" in ended.err
    summary = json.loads((tmp_path / "o.json").read_text())
    assert summary["stat"]["testcases"] == {"total": 1, "success": 0, "fail": 1}
    assert summary["stat"]["teststeps"]["successes"] == 1


def test_the_second_signal_ends_a_blocked_search_with_the_trials_so_far(
    words: list[str], tmp_path: Path
) -> None:
    flags = ("--from", "5/s", "--to", "10/s", "--step", "1s", "--json", "o.json")
    with started(["find-limit", *words, *flags], cwd=tmp_path, script=BLOCKED) as running:
        wait_until((tmp_path / "blocked").exists, "the blocked check")
        insist(running.send, running.is_running, signal.SIGINT)
        ended = running.wait()

    assert ended.code == 130, ended
    assert json.loads((tmp_path / "o.json").read_text())["trials"] == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("module", ["typer", "boomtalk.commands.boom", "aiohttp"])
def test_a_signal_in_the_middle_of_an_import_ends_the_program_without_a_word(
    words: list[str], tmp_path: Path, module: str, number: signal.Signals, code: int
) -> None:
    script = AT_IMPORT.format(module=module, number=int(number))
    command = (sys.executable, "-c", script)
    with started(["boom", *words, "-i", "1"], cwd=tmp_path, command=command) as running:
        ended = running.wait()

    assert (ended.code, ended.out, ended.err) == (code, "", "")


@pytest.mark.parametrize("command", ["boom", "run", "check", "find-limit"])
def test_a_signal_while_a_case_is_read_ends_the_program_without_a_word(
    words: list[str], tmp_path: Path, command: str
) -> None:
    with started([command, *words], cwd=tmp_path, script=AT_READING) as running:
        ended = running.wait()

    assert (ended.code, ended.out, ended.err) == (143, "", "")


def test_under_nohup_the_end_of_the_terminal_does_not_end_the_load(
    words: list[str], target: TargetProcess, tmp_path: Path
) -> None:
    script = "import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + PLAIN
    boom = ["boom", *words, "-d", "2s", "--json", "o.json"]
    with started(boom, cwd=tmp_path, script=script) as running:
        wait_until(lambda: target.stats()["requests"], "the first request")
        running.send(signal.SIGHUP)
        ended = running.wait()

    assert ended.code == 0, ended
    assert read_report(tmp_path / "o.json")["stopped_by"] == "duration"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGHUP, 143)])
def test_a_signal_ends_the_doctor_and_its_server(
    tmp_path: Path, no_leftovers: Auditor, number: signal.Signals, code: int
) -> None:
    with started(["doctor"], cwd=tmp_path) as running:
        wait_until(lambda: no_leftovers.running("null_server"), "the server of the doctor")
        running.send(number)
        ended = running.wait()

    assert (ended.code, ended.out, ended.err) == (code, "", "")


def test_a_signal_outside_of_a_run_ends_the_loop_between_two_callbacks() -> None:
    seen: list[str] = []

    async def interrupted() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        # Python runs handlers between two instructions: raised at once, it would not come here.
        seen.append("the callback goes on")
        await asyncio.Event().wait()

    with pytest.raises(Interrupted) as caught:
        run_on_loop(interrupted())
    assert (caught.value.number, seen) == (signal.SIGTERM, ["the callback goes on"])


def test_a_signal_while_a_loop_is_closed_is_raised_behind_it() -> None:
    closed: list[str] = []

    async def interrupted() -> AsyncIterator[None]:
        try:
            yield
        finally:  # called by the loop, which closes what is open
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0)
            closed.append("the generator")

    async def main() -> None:
        await anext(opened)

    opened = interrupted()
    with pytest.raises(Interrupted) as caught:
        run_on_loop(main())
    assert (caught.value.number, closed) == (signal.SIGTERM, ["the generator"])


def test_a_signal_that_meets_a_loop_on_its_way_out_is_no_traceback() -> None:
    def leave() -> None:
        try:
            raise Interrupted(signal.SIGINT)
        finally:
            # As uvloop does when a handler raised while its loop was being left.
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(closed(runner.get_loop()))

    async def closed(loop: asyncio.AbstractEventLoop) -> None:
        loop.close()

    with pytest.raises(SystemExit) as ended:
        ending_with_a_code(leave)()
    assert ended.value.code == 130


def test_an_error_without_a_signal_stays_one() -> None:
    def fail() -> None:
        raise RuntimeError("a fault")

    with pytest.raises(RuntimeError, match="a fault"):
        ending_with_a_code(fail)()
