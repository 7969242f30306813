"""A user's project, as the pages speak of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from boomtalk.examples import DEMO_CASE
from boomtalk.examples.target import TargetProcess

PLACEHOLDER = "http://127.0.0.1:8080"


@pytest.fixture
def project(target: TargetProcess, tmp_path: Path) -> Path:
    """Return a folder with the shop's project, its cases aimed at the running target."""
    folder = tmp_path / "project"
    shutil.copytree(DEMO_CASE.parents[1], folder)
    shutil.copy(folder / "testcases" / "shop.yml", folder / "shop.yml")
    for case in folder.rglob("*.yml"):
        case.write_text(case.read_text().replace(PLACEHOLDER, target.url))
    return folder
