"""Test the wheel and the locks with the installers that users have; packages come from PyPI."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from .commands import INSTALL_SECONDS, run
from .conftest import ROOT

pytestmark = [pytest.mark.extra, pytest.mark.timeout(2 * INSTALL_SECONDS)]

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = (
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-musl",
    "aarch64-apple-darwin",
    "x86_64-apple-darwin",
)
INSTALLERS = {
    "pipx": ("pipx", "install", "--backend", "pip", "--python", sys.executable),
    "uv": ("uv", "tool", "install", "--python", sys.executable),
}


@pytest.mark.parametrize("installer", INSTALLERS)
def test_an_installed_wheel_runs_its_demo(installer: str, wheel: Path, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    folders = {"PIPX_HOME": tmp_path / "home", "PIPX_BIN_DIR": programs}
    folders |= {"UV_TOOL_DIR": tmp_path / "home", "UV_TOOL_BIN_DIR": programs}
    environment = {**os.environ, **{name: str(path) for name, path in folders.items()}}
    install = [sys.executable, "-m", *INSTALLERS[installer], str(wheel)]
    run(install, tmp_path, environment, timeout=INSTALL_SECONDS)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    words = ["demo", "-u", "3", "-d", "1s", "--plain", "--json", "report.json"]
    run([str(programs / "boomtalk"), *words], fresh, environment)
    report = json.loads((fresh / "report.json").read_text())
    assert report["accounting"]["ok"] > 0
    assert report["accounting"]["failed"] == 0
    assert report["processes"]["plugins_peak"] == 1


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_has_a_wheel_of_each_package(python: str, system: str, tmp_path: Path) -> None:
    words = ["pip", "install", "--dry-run", "--require-hashes", "--only-binary", ":all:"]
    aim = ["--python-version", python, "--python-platform", system, "--target", str(tmp_path)]
    lock = ["-r", str(ROOT / "requirements" / "run.txt")]
    run([sys.executable, "-m", "uv", *words, *aim, *lock], tmp_path, timeout=INSTALL_SECONDS)
