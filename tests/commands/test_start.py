"""Test that a run imports only the parts that its flags ask for, and those before the load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from boomtalk.examples.target import TargetProcess

from tests.support.waiting import PATIENCE

OPTIONAL = {
    "rich.console",
    "boomtalk.commands.assembly.shards",
    "boomtalk.engine.compare.comparison",
    "boomtalk.engine.page.page",
    "boomtalk.engine.report.markdown",
    "boomtalk.engine.report.tabular",
    "boomtalk.plugins.plugin",
    "importlib.metadata",
}
IMPORTED = f"""
import sys
sys.argv = ["boomtalk", *sys.argv[1:]]
from boomtalk.cli import main
from boomtalk.engine.load.run import Run
execute = Run.execute
def shown(run):
    print(*sorted({OPTIONAL} & set(sys.modules)), file=sys.stderr)
    return execute(run)
Run.execute = shown
main()
"""
ROWS = [
    ((), set()),
    (("--csv", "out.csv"), {"boomtalk.engine.report.tabular"}),
    (("--markdown", "out.md"), {"boomtalk.engine.report.markdown"}),
    (("--html", "out.html"), {"boomtalk.engine.page.page"}),
]


@pytest.mark.parametrize(("flags", "wanted"), ROWS, ids=[" ".join(row[0]) for row in ROWS])
def test_a_quiet_run_has_imported_what_its_flags_need_and_nothing_more_when_the_load_begins(
    target: TargetProcess, tmp_path: Path, flags: tuple[str, ...], wanted: set[str]
) -> None:
    words = ("boom", target.url, "-i", "1", "--no-out", "--quiet", *flags)
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=tmp_path,
    )

    assert done.returncode == 0, done.stderr
    assert set(done.stderr.split()) == wanted
