"""Build the sdist, and the wheel from it, once for all tests of this folder."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from .commands import run

ROOT = Path(__file__).parents[2]
NOT_SOURCE = (".git", ".venv", "build", "dist", "results", "*.egg-info", "__pycache__", ".*_cache")


@pytest.fixture(scope="package")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the sdist and the wheel that was built from it."""
    source = tmp_path_factory.mktemp("source") / "project"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*NOT_SOURCE))
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", "out"], source)
    return source / "out"


@pytest.fixture(scope="package")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found
