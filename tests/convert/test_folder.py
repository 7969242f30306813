"""Test the folder of converted cases, and that existing files are not overwritten."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.boomtalk_cli import COMMAND, run_cli

CURL = "curl http://h/a -H 'Authorization: Bearer t-1'\n"


def test_a_folder_becomes_a_project_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text(CURL)
    ended = run_cli("convert", "a.sh", "-o", "new/cases", cwd=tmp_path)

    assert ended.code == 0, ended
    assert ended.out == "new/cases/a.yml\n"
    folder = tmp_path / "new" / "cases"
    assert sorted(path.name for path in folder.iterdir()) == [
        ".env",
        ".gitignore",
        "a.yml",
        "proj.json",
    ]
    assert (folder / ".env").read_text() == "AUTHORIZATION=Bearer t-1\n"
    assert ".env" in (folder / ".gitignore").read_text().splitlines()


def test_inside_a_project_its_own_environment_file_is_added_to(tmp_path: Path) -> None:
    (tmp_path / "debugtalk.py").touch()
    (tmp_path / ".env").write_text("AUTHORIZATION=other\nKEEP=1")
    (tmp_path / "data").write_text("x")
    (tmp_path / "a.sh").write_text(CURL + "curl http://h/b -F f=@data\n")
    ended = run_cli("convert", "a.sh", "-o", "cases", cwd=tmp_path)

    assert ended.code == 0, ended
    told = "AUTHORIZATION=other\nKEEP=1\nAUTHORIZATION_2=Bearer t-1\n"
    assert (tmp_path / ".env").read_text() == told
    assert "f: '@cases/files/data'" in (tmp_path / "cases" / "a.yml").read_text()
    assert sorted(path.name for path in (tmp_path / "cases").iterdir()) == ["a.yml", "files"]
    assert ".gitignore: does not list .env" in ended.err
    checked = run_cli("check", "cases", cwd=tmp_path)
    assert checked.code == 0, checked


def test_files_that_are_there_are_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text(CURL)
    (tmp_path / "b.sh").write_text(CURL)
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "b.yml").write_text("mine")
    ended = run_cli("convert", "a.sh", "b.sh", "-o", "cases", cwd=tmp_path)

    assert ended.code == 2
    assert "already there: cases/b.yml" in ended.err
    assert [path.name for path in (tmp_path / "cases").iterdir()] == ["b.yml"]
    forced = run_cli("convert", "a.sh", "b.sh", "-o", "cases", "--force", cwd=tmp_path)
    assert forced.code == 0, forced
    assert "mine" not in (tmp_path / "cases" / "b.yml").read_text()


def test_a_problem_in_one_file_keeps_all_from_being_written(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text(CURL)
    (tmp_path / "b.har").write_text('{"log": {"entries": []}}')
    ended = run_cli("convert", "a.sh", "b.har", "c.har", cwd=tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert "c.har: No such file or directory" in ended.err

    ended = run_cli("convert", "a.sh", "b.har", cwd=tmp_path)
    assert (ended.code, ended.out) == (2, "")
    assert "b.har: no requests are recorded in it" in ended.err
    assert not (tmp_path / "converted").exists()


def test_commands_are_read_from_stdin(tmp_path: Path) -> None:
    command = [*COMMAND, "convert", "-", "-o", "out"]
    done = subprocess.run(command, input=CURL, cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert done.stdout == "out/converted.yml\n"
    assert "url: /a" in (tmp_path / "out" / "converted.yml").read_text()
