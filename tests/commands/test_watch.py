"""Test that `--watch` runs again after the changes that matter, and ends with Ctrl-C."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from boomtalk.commands.assembly.watched_files import WatchedFiles, after_a_run, changed

from tests.support.terminal import on_terminal

CASE = "teststeps: [{request: {method: GET, url: 'http://127.0.0.1:9/'}}]\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a project with a case, functions, data and an environment."""
    for name in ("debugtalk.py", "cases/case.yml", "data/rows.csv", ".env", "picture.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    return tmp_path


def test_check_is_repeated_on_a_clear_screen_until_ctrl_c(tmp_path: Path) -> None:
    case, other = tmp_path / "case.yml", tmp_path / "other"
    case.write_text(CASE)
    with on_terminal(100, 24, "check", case, "--watch") as terminal:
        shown = []
        for text in (None, "teststeps: 1\n", CASE):
            if text is not None:
                other.write_text(text)
                other.replace(case)
            begin = len(terminal.written)
            terminal.wait_for("Ctrl-C ends")
            shown.append(terminal.written[begin:].decode())
        terminal.press("\x03")
        assert terminal.wait() == 130
    assert all("\x1b[2J" in one for one in shown)
    assert ["1 case with 1 step can run" in one for one in shown] == [True, False, True]
    assert ["error: " in one for one in shown] == [False, True, False]
    assert "changed: " in shown[1]


def test_cases_functions_data_and_environment_of_the_project_are_watched(shop: Path) -> None:
    watched = WatchedFiles.of([str(shop / "cases" / "case.yml")], [], [])
    names = {str(path.relative_to(shop)) for path in watched.stamps()}
    assert names == {"debugtalk.py", "cases/case.yml", "data/rows.csv", ".env"}


def test_an_environment_file_elsewhere_is_watched(shop: Path) -> None:
    (shop / "env.txt").write_text("")
    watched = WatchedFiles.of([str(shop / "cases")], [shop / "env.txt"], [])
    assert shop / "env.txt" in watched.stamps()


def test_files_that_a_run_writes_start_no_other(shop: Path) -> None:
    watched = WatchedFiles.of([str(shop)], [], [shop / "report.json"])
    before = watched.stamps()
    for name in ("report.json", "data/made.json", "results/summary.json", "__pycache__/a.py"):
        (shop / name).parent.mkdir(exist_ok=True)
        (shop / name).write_text("{}")
    after = watched.stamps()

    assert changed(before, after) == [shop / "data" / "made.json"]
    assert changed(after_a_run(before, after), after) == []


def test_a_source_that_changes_during_a_run_starts_another(shop: Path) -> None:
    watched = WatchedFiles.of([str(shop)], [], [])
    before = watched.stamps()
    os.utime(shop / "debugtalk.py", (1, 1))
    (shop / "cases" / "more.yml").write_text(CASE)
    (shop / ".env").unlink()
    after = watched.stamps()

    missed = [shop / ".env", shop / "cases" / "more.yml", shop / "debugtalk.py"]
    assert changed(after_a_run(before, after), after) == missed
