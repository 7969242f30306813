"""Test the effect of each plugin flag of `run` on the requests, and that `check` takes them all."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.http.scripted_server import OK
from tests.support.boomtalk_cli import run_cli
from tests.support.processes import Auditor

from .servers import play

CALL = """
config: {name: c, base_url: $URL, parameters: {n: [1, 2, 3, 4, 5, 6, 7, 8, 9]}}
teststeps:
  - {name: called, request: {method: GET, url: /, headers: {H: "${call()}"}}}
  - {name: plain, request: {method: GET, url: /plain}}
"""
ONCE = CALL.replace(", 2, 3, 4, 5, 6, 7, 8, 9", "")
SCRIPT = {b"/": OK, b"/plain": OK}
DYING = "import os\ndef call(): os._exit(9)\n"
SLOW = "import time\ndef call(): time.sleep(30)\n"


@pytest.mark.parametrize("flag", ["--python", "--venv"])
def test_the_interpreter_of_the_plugin_can_be_chosen(tmp_path: Path, flag: str) -> None:
    (tmp_path / "debugtalk.py").write_text("import sys\ndef call(): return sys.executable\n")
    python = tmp_path / "own" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    choice = python if flag == "--python" else tmp_path / "own"
    ended, server = play(tmp_path, "run", "case.yml", flag, choice, script=SCRIPT, case=ONCE)
    assert ended.code == 0, ended
    assert server.asked[0].header(b"h") == str(python).encode()


def test_a_call_that_takes_too_long_fails_its_step(tmp_path: Path, no_leftovers: Auditor) -> None:
    (tmp_path / "debugtalk.py").write_text(SLOW)
    words = ("run", "case.yml", "-c", "--plugin-timeout", "300ms")
    ended, server = play(tmp_path, *words, script=SCRIPT, case=ONCE)
    assert ended.code == 1, ended
    assert "plugin_timeout" in ended.out
    assert [one.line for one in server.asked] == [b"GET /plain HTTP/1.1"]


def test_a_plugin_whose_import_takes_too_long_is_exit_3(
    tmp_path: Path, no_leftovers: Auditor
) -> None:
    (tmp_path / "debugtalk.py").write_text("import time\ntime.sleep(30)\n")
    words = ("run", "case.yml", "--plugin-start-timeout", "300ms")
    ended, server = play(tmp_path, *words, script=SCRIPT, case=ONCE)
    assert (ended.code, server.asked) == (3, []), ended


@pytest.mark.parametrize(("loss", "all_rows"), [("stop", False), ("continue", True)])
def test_rows_after_the_loss_of_a_plugin_run_only_if_asked_for(
    tmp_path: Path, loss: str, all_rows: bool, no_leftovers: Auditor
) -> None:
    (tmp_path / "debugtalk.py").write_text(DYING)
    words = ("run", "case.yml", "-c", "--on-plugin-loss", loss)
    ended, server = play(tmp_path, *words, script=SCRIPT, case=CALL)
    assert ended.code == 3, ended
    assert "given up after 4 crashes" in ended.err
    assert (len(server.asked) == 9) is all_rows
    assert len(server.asked) >= 4, "a row that has begun goes on"
    assert ("interrupted" in ended.out) is not all_rows


def test_a_word_that_a_flag_does_not_know_is_told_with_those_it_knows(tmp_path: Path) -> None:
    ended = run_cli("run", "case.yml", "--on-plugin-loss", "shrug", cwd=tmp_path)
    assert ended.code == 2, ended
    assert "is stop or continue" in ended.err


def test_check_takes_every_flag_of_run_that_can_matter_before_a_request() -> None:
    own = {"continue-on-failure", "verbose", "json", "html", "junit", "case-timeout"}
    own.add("on-plugin-loss")

    def flags(command: str) -> set[str]:
        return set(re.findall(r"^ +(?:-\w, )?--([\w-]+)", run_cli(command, "-h").out, re.M))

    assert {"insecure", "plugin-threads"} < flags("check")
    assert flags("run") - flags("check") == own
    assert flags("check") - flags("run") == set()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--plugin-timeout", "300ms"), "config: "),
        (("--cacert", "none.pem"), "TLS files cannot be used"),
        (("--on-plugin-loss", "stop"), "No such option: --on-plugin-loss"),
    ],
)
def test_check_says_what_these_flags_would_spoil(
    tmp_path: Path, words: tuple[str, ...], told: str, no_leftovers: Auditor
) -> None:
    delay = SLOW if "--plugin-timeout" in words else SLOW.replace("30", "0")
    (tmp_path / "debugtalk.py").write_text(delay)
    case = ONCE.replace("name: c,", 'name: c, variables: {v: "${call()}"},')
    ended, server = play(tmp_path, "check", "case.yml", *words, script=SCRIPT, case=case)
    assert (ended.code, server.connections, ended.out) == (2, 0, ""), ended
    assert told in ended.err
