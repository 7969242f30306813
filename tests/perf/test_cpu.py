"""Test how the benchmark measures a tree of processes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from perf.bench.cpu import CommandFailed, running
from tests.support.processes import Auditor
from tests.support.waiting import wait_until

BURN = """
import pathlib, sys, time
while time.process_time() < 0.3:
    pass
pathlib.Path(sys.argv[1]).write_text(str(time.process_time()))
"""
# The child uses CPU and is waited for; the grandchild uses CPU and outlives it.
PARENT = """
import pathlib, subprocess, sys, time
subprocess.run([sys.executable, "-c", sys.argv[1], "child"], check=True)
middle = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', *sys.argv[1:]])"
stays = sys.argv[1] + "time.sleep(600)"
subprocess.run([sys.executable, "-c", middle, stays, "orphan"], check=True)
while not pathlib.Path("orphan").exists():
    time.sleep(0.01)
"""


def test_the_dead_and_the_abandoned_are_charged_and_nothing_is_left(
    tmp_path: Path, no_leftovers: Auditor
) -> None:
    with running([sys.executable, "-c", PARENT, BURN], tmp_path) as tree:
        told = tree.wait()
    burnt = sum(float((tmp_path / name).read_text()) for name in ("child", "orphan"))
    assert burnt >= 0.6
    assert told["cpu_seconds"] >= burnt - 0.05  # the kernel counts in ticks
    assert told["left_behind"] == 1
    assert no_leftovers.running() == []


def test_a_running_tree_tells_what_its_dead_children_used(
    tmp_path: Path, no_leftovers: Auditor
) -> None:
    code = (
        "import subprocess, sys, time\n"
        "subprocess.run([sys.executable, '-c', sys.argv[1], 'child'], check=True)\n"
        "time.sleep(600)\n"
    )
    with running([sys.executable, "-c", code, BURN], tmp_path) as tree:
        wait_until((tmp_path / "child").exists, "the child")
        wait_until(lambda: tree.usage().processes == 1, "the end of the child")
        usage = tree.usage()
        assert usage.cpu_seconds >= 0.25
        assert usage.memory > 1_000_000
    assert no_leftovers.running() == []


def test_a_command_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    code = "import sys; sys.exit('no such thing')"
    with (
        running([sys.executable, "-c", code], tmp_path) as tree,
        pytest.raises(CommandFailed, match=r"ended with 1: no such thing"),
    ):
        tree.wait()


def test_a_terminal_is_given_and_read(tmp_path: Path) -> None:
    code = "import sys; print('x' * 200_000, sys.stdout.isatty(), 'end')"
    with running([sys.executable, "-c", code], tmp_path, terminal=True) as tree:
        tree.wait()
    assert (tmp_path / "output").read_text().rstrip().endswith("x True end")
