"""Test that `--help` is true and fast, and that shells complete the names in it."""

from __future__ import annotations

import os
import platform
import re
import shlex
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pytest
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import run_cli
from tests.support.waiting import PATIENCE

HEAVY = ("aiohttp", "orjson", "psutil", "rich", "uvloop", "yaml")
IMPORTED = f"""
import sys
sys.argv = ["boomtalk", *sys.argv[1:]]
from boomtalk.cli import main
try:
    main()
finally:
    print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)
"""


@cache
def help_of(*command: str) -> str:
    ended = run_cli(*command, "--help", env={"COLUMNS": "80"})
    assert (ended.code, ended.err) == (0, "")
    return ended.out


def commands() -> list[str]:
    return re.findall(r"^  ([a-z][a-z-]*) ", help_of().partition("Commands:")[2], re.MULTILINE)


def flags_of(text: str) -> set[str]:
    """Return the flags that a help text defines, not those that its examples use."""
    return set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", text.partition("Examples:")[0]))


def test_every_command_says_in_one_line_what_it_is_for() -> None:
    lines = help_of().partition("Commands:")[2].strip().splitlines()

    assert {"boom", "run", "check", "convert", "init", "doctor"} <= set(commands())
    assert len(lines) == len(commands())
    assert [line for line in lines if not line.endswith(".") or line.endswith("...")] == []


def test_every_command_has_examples_and_they_use_only_flags_that_it_has() -> None:
    for command in commands():
        text = help_of(command)
        examples = re.findall(r"^  .*?(boomtalk .*)$", text.partition("Examples:")[2], re.MULTILINE)
        assert examples, command
        for example in examples:
            program, name, *words = shlex.split(example)
            assert (program, name) == ("boomtalk", command)
            given = {word for word in words if re.match(r"--?[a-z]", word)}
            assert given - flags_of(text) == set(), example


def test_the_flags_of_a_load_stand_in_panels() -> None:
    titles = re.findall(r"^([A-Z][\w ]*):$", help_of("boom"), re.MULTILINE)

    assert titles == [
        *("Arguments", "Load", "Target", "Plugin", "Beyond one core", "Verdict", "Output"),
        *("Options", "Examples", "Exit codes", "Environment"),
    ]
    options = help_of("boom").partition("Options:")[2].partition("Examples:")[0]
    assert options.split() == ["-h,", "--help", "Show", "this", "message", "and", "exit."]


def test_the_help_of_the_program_imports_nothing_of_the_engine() -> None:
    script = IMPORTED.replace(
        f"in {HEAVY} if name in sys.modules", 'in sys.modules if "engine" in name'
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "--help"], capture_output=True, text=True, timeout=PATIENCE
    )

    assert (done.returncode, done.stderr) == (0, "[]\n")


@pytest.mark.parametrize("words", [["--help"], ["boom", "--help"], ["doctor", "--help"]])
def test_help_waits_for_nothing_heavy(words: list[str]) -> None:
    command = [sys.executable, "-c", IMPORTED, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)

    assert done.returncode == 0, done.stderr
    assert done.stderr == "[]\n"


SHELLS = {
    "bash": {"COMP_WORDS": "boomtalk boom --arr", "COMP_CWORD": "2"},
    "zsh": {"_TYPER_COMPLETE_ARGS": "boomtalk boom --arr"},
    "fish": {
        "_TYPER_COMPLETE_ARGS": "boomtalk boom --arr",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    },
}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_for_the_shell_is_shown_and_asks_for_completions(shell: str) -> None:
    script = run_cli(env={"_BOOMTALK_COMPLETE": f"source_{shell}"})
    assert script.code == 0, script
    assert f"complete_{shell}" in script.out

    found = run_cli(env={"_BOOMTALK_COMPLETE": f"complete_{shell}", **SHELLS[shell]})
    assert "--arrival-rate" in found.out
    assert "--users" not in found.out


def test_bash_completes_a_flag_with_the_script_that_is_shown(tmp_path: Path) -> None:
    # This calls the function of the script in the way in which bash would.
    script = """
        source /dev/stdin <<< "$(boomtalk --show-completion)"
        COMP_WORDS=(boomtalk boom --arr) COMP_CWORD=2
        _boomtalk_completion boomtalk
        echo "${COMPREPLY[@]}"
    """
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        env={**os.environ, "PATH": path, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.stdout == "--arrival-rate\n", done


def test_a_flag_can_come_from_the_environment_and_a_given_one_wins(
    target: TargetProcess, tmp_path: Path
) -> None:
    env = {"BOOMTALK_BOOM_ITERATIONS": "3", "BOOMTALK_BOOM_NO_OUT": "1", "BOOMTALK_BOOM_USERS": "2"}

    for words, sent in (((), 3), (("-i", "5"), 5)):
        target.reset()
        ended = run_cli("boom", f"{target.url}/", *words, env=env, cwd=tmp_path)
        assert ended.code == 0, ended
        assert target.stats()["requests"] == sent
    assert [*tmp_path.iterdir()] == []


def test_a_profile_wins_over_the_environment(target: TargetProcess, tmp_path: Path) -> None:
    (tmp_path / "profile.yml").write_text("iterations: 4\n")
    env = {"BOOMTALK_BOOM_ITERATIONS": "9", "BOOMTALK_BOOM_PROFILE": "profile.yml"}

    ended = run_cli("boom", f"{target.url}/", "--no-out", env=env, cwd=tmp_path)

    assert ended.code == 0, ended
    assert target.stats()["requests"] == 4


def test_a_wrong_value_in_the_environment_is_refused(tmp_path: Path) -> None:
    ended = run_cli("boom", "http://127.0.0.1:9/", env={"BOOMTALK_BOOM_USERS": "many"})

    assert ended.code == 2
    assert "--users" in ended.err
    assert "many" in ended.err


def test_repeated_values_in_the_environment_are_parted_by_blanks() -> None:
    env = {"BOOMTALK_BOOM_STAGE": "10s:5 5s:0"}
    ended = run_cli("boom", "http://127.0.0.1:9/", "--dry-run", env=env)

    assert ended.code == 0, ended
    assert "ends after 00:15" in ended.out


def test_version_names_what_a_report_of_a_fault_needs() -> None:
    lines = run_cli("version").out.splitlines()

    assert lines[0] == run_cli("--version").out.strip()
    assert lines[1] == f"{platform.python_implementation()} {platform.python_version()}"
    assert f"aiohttp {version('aiohttp')}, uvloop {version('uvloop')}" in lines[3]
