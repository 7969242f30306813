"""Test that the page on the Python API names all of it, and that its programs are typed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import boomtalk.engine
import boomtalk.plugins

from tests.support.waiting import PATIENCE

from .pages import ROOT, blocks_of, words_of

PAGE = ROOT / "docs" / "api.md"


def test_the_page_names_everything_that_is_promised() -> None:
    text = words_of(PAGE) + "".join(one.text for one in blocks_of("python") if one.page == PAGE)
    promised = {*boomtalk.engine.__all__, *boomtalk.plugins.__all__} - {"Plugin"}
    assert {name for name in promised if name not in text} == set()


def test_the_programs_of_the_page_pass_a_strict_check_of_their_types(tmp_path: Path) -> None:
    programs = [block for block in blocks_of("python") if block.page == PAGE]
    for block in programs:
        (tmp_path / f"{block}.py").write_text(block.text)
    # Link and cache of `make lint`: without them a check of the whole engine takes many seconds.
    types = ROOT / "build" / "types"
    types.mkdir(parents=True, exist_ok=True)
    if not (types / "boomtalk").exists():
        (types / "boomtalk").symlink_to("../..")
    options = ["--strict", "--config-file", "../../pyproject.toml", "--namespace-packages"]
    files = [str(tmp_path / f"{block}.py") for block in programs]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "--explicit-package-bases", *files],
        cwd=types,
        env={**os.environ, "MYPYPATH": "."},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(programs)} source files" in done.stdout
