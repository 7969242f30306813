"""Test the wheel, built from the sdist, in a separate environment as on a user's machine."""

from __future__ import annotations

import sys
import sysconfig
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from boomtalk.examples.target import TargetProcess

from tests.support.boomtalk_cli import read_report, started
from tests.support.processes import Auditor

from .commands import run

ROOT = Path(__file__).parents[2]

CASE = """
config: {name: items}
teststeps:
  - name: list items
    request: {method: GET, url: /api/items}
    validate: [{eq: [status_code, 200]}]
"""


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the command `boomtalk` of a new environment, which uses our installed dependencies."""
    home = tmp_path_factory.mktemp("installed") / "venv"
    run([sys.executable, "-m", "venv", "--without-pip", str(home)], home.parent)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install"]
    run([*pip, "--no-deps", "--no-index", str(wheel)], home.parent)
    (packages,) = home.glob("lib/python*/site-packages")
    # A path in a .pth is searched, but its own .pth files (our editable install) are not read.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin" / "boomtalk"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Return a user's folder with modules of the same names as boomtalk's."""
    for name in ("engine", "plugins", "commands", "examples"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('the wrong package')\n")
    (tmp_path / "cli.py").write_text("raise RuntimeError('the wrong module')\n")
    return tmp_path


def python_files_of_the_rooms() -> set[str]:
    rooms = ("engine", "plugins", "commands", "examples")
    return {f"boomtalk/{p.relative_to(ROOT)}" for r in rooms for p in (ROOT / r).rglob("*.py")}


def test_every_module_of_the_rooms_is_in_the_wheel_and_nothing_else_is(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    shipped = {name for name in names if name.endswith(".py")}
    assert shipped == python_files_of_the_rooms() | {"boomtalk/cli.py", "boomtalk/version.py"}
    assert {name.split("/")[0] for name in names} == {"boomtalk", dist_info(names)}


def dist_info(names: Sequence[str]) -> str:
    (found,) = {first for first in (n.split("/")[0] for n in names) if first.endswith(".dist-info")}
    return found


def test_the_example_projects_are_in_the_wheel_whole(wheel: Path) -> None:
    every = (ROOT / "examples").rglob("*")
    files = {path for path in every if path.is_file() and "__pycache__" not in str(path)}
    shipped = set(zipfile.ZipFile(wheel).namelist())
    assert {f"boomtalk/{path.relative_to(ROOT)}" for path in files} - shipped == set()


def test_the_parts_of_the_page_are_in_the_wheel(wheel: Path) -> None:
    parts = {path.name for path in (ROOT / "engine" / "page" / "assets").iterdir()}
    shipped = [name for name in zipfile.ZipFile(wheel).namelist() if "/page/assets/" in name]
    assert {name.rpartition("/")[2] for name in shipped} == parts


def test_typing_marks_and_the_license_are_in_the_wheel(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"boomtalk/engine/py.typed", "boomtalk/plugins/py.typed"} <= set(names)
    assert any(name.endswith("/LICENSE") for name in names)


def test_the_installed_command_tells_its_version(installed: Path, elsewhere: Path) -> None:
    assert run([str(installed), "--version"], elsewhere).startswith("boomtalk ")


def test_the_installed_command_is_not_fooled_by_a_folder_with_our_names(
    installed: Path, elsewhere: Path, target: TargetProcess, no_leftovers: Auditor
) -> None:
    case, report = elsewhere / "items.yml", elsewhere / "report.json"
    case.write_text(CASE)
    flags = ["-u", "2", "-i", "20", "--no-out", "--plain", "--json", report]
    command = [str(installed), "boom", str(case), "--base-url", target.url]
    # PYTHONPATH=. is common in projects with a debugtalk.py.
    with started(flags, cwd=elsewhere, env={"PYTHONPATH": "."}, command=command) as running:
        ended = running.wait()
    assert ended.code == 0, ended
    assert read_report(report)["accounting"]["ok"] == target.stats()["requests"] == 20
