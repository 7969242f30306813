"""Test that a run ends normally although the program's files are removed during it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from boomtalk.examples.target import TargetProcess

from tests.support.accounting import check_accounting
from tests.support.boomtalk_cli import read_report, started
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]
PARTS = ("engine", "plugins", "commands", "examples")
CASE = """
config: {name: shop}
teststeps:
  - {name: look, request: {method: GET, url: /}, validate: [{eq: [status_code, 299, x]}]}
"""


def copy_of_the_program(folder: Path) -> Path:
    program = folder / "boomtalk"
    for part in PARTS:
        shutil.copytree(ROOT / part, program / part)
    for file in ("cli.py", "version.py"):
        shutil.copy(ROOT / file, program)
    return program


def test_a_run_whose_program_is_renamed_meanwhile_writes_every_result(
    target: TargetProcess, tmp_path: Path
) -> None:
    program = copy_of_the_program(tmp_path / "lib")
    case = tmp_path / "case.yml"
    case.write_text(CASE)
    files = {
        name: tmp_path / f"out.{name}" for name in ("json", "csv", "junit", "html", "markdown")
    }
    flags = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    words = ("boom", str(case), "-u", "2", "--base-url", target.url, "--out", str(tmp_path / "run"))
    command = (sys.executable, "-m", "boomtalk.cli")

    with started((*words, *flags), env={"PYTHONPATH": str(program.parent)}, command=command) as run:
        wait_until(lambda: target.stats()["requests"] > 0, "the first request")
        program.rename(tmp_path / "gone")
        run.interrupt()
        ended = run.wait()

    assert ended.code == 130, ended
    assert "Traceback" not in ended.err
    assert {name for name, path in files.items() if not path.stat().st_size} == set()
    check_accounting(read_report(files["json"]), target.stats()["requests"])
    assert (tmp_path / "run" / "report.json").exists()
