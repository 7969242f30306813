"""Find the other tools. `python -m perf.bench.peers [NAME...]` installs those that are missing.

They are installed into build/peers, or into the folder $PEERS. This does not install hrp, whose
binary HRP_BIN names, nor nginx and wrk, which come from the system. OTHER_PYTHON names a second
Python that has boomtalk installed, to be compared with the first one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOME = Path(os.environ.get("PEERS", ROOT / "build" / "peers")).absolute()

_GO = {
    "k6": "go.k6.io/k6@v1.8.1",
    "hey": "github.com/rakyll/hey@v0.1.5",
    "vegeta": "github.com/tsenart/vegeta/v12@v12.13.0",
}
_OHA = "1.16.0"
_PYTHON = {
    "locust": "locust==2.47.0",
    "funppy": "funppy==0.5.2",
    # The exact version that hrp 4.3.5 wants; it would install any other one during the run.
    "hrp-venv": "funppy==0.5.0",
}
_BUILD = """
import platform, sys, sysconfig
built_with = sysconfig.get_config_var("CONFIG_ARGS") or ""
is_fast = sys.base_prefix.startswith("/usr") or "--enable-optimizations" in built_with
print(platform.python_version(), "built with" + ("" if is_fast else "out"), "optimizations")
"""
INSTALLABLE = (*_GO, "oha", *_PYTHON)


def find(name: str) -> str | None:
    """Return the program of a tool, or None if it is not installed."""
    if name == "boomtalk other Python":
        return os.environ.get("OTHER_PYTHON")
    if name.startswith("boomtalk"):
        return sys.executable if "shards" not in name or find_spec("ray") else None
    if name.startswith(("locust ", "oha ")):
        return find(name.partition(" ")[0])
    if name == "hrp":
        return os.environ.get("HRP_BIN")
    for path in (HOME / "bin" / name, HOME / name / "bin" / name):
        if path.exists():
            return str(path)
    return shutil.which(name)


def hrp_venv() -> str:
    """Return the virtual environment in which hrp starts its plugins."""
    return os.environ.get("HRP_VENV", str(HOME / "hrp-venv"))


def is_installed(name: str) -> bool:
    if name not in _PYTHON:
        return find(name) is not None
    home = Path(hrp_venv()) if name == "hrp-venv" else HOME / name
    return (home / "bin" / "python").exists()


def version_of(name: str) -> str:
    """Return the pinned version, or the one that the program prints."""
    if name == "boomtalk other Python":
        return built(find(name) or "")
    if name.startswith("boomtalk"):
        return version("boomtalk")
    name = name.partition(" ")[0]
    flag = {"vegeta": "-version", "k6": "version", "wrk": "-v", "nginx": "-v"}.get(
        name, "--version"
    )
    if name in ("hey", "vegeta"):  # built by `go install`, they do not know their version
        return _GO[name].partition("@")[2]
    program = find(name) or shutil.which(name, path="/usr/sbin")
    if program is None:
        return "not there"
    told = subprocess.run([program, flag], capture_output=True, text=True, check=False)
    number = re.search(r"\d+(\.\d+)+", told.stdout + told.stderr)
    return number[0] if number else "unknown"


def built(python: str) -> str:
    """Return the version of a Python, and whether it was built with optimizations."""
    # Distributions optimize theirs without the option of the configure script.
    asked = subprocess.run([python, "-c", _BUILD], capture_output=True, text=True, check=True)
    return asked.stdout.strip()


def install(name: str) -> None:
    """Build or download one tool; raises CalledProcessError or OSError if that fails."""
    if name in _GO:
        environment = {**os.environ, "GOBIN": str(HOME / "bin")}
        subprocess.run(["go", "install", _GO[name]], check=True, env=environment)
    elif name == "oha":
        cargo = ["cargo", "install", "--locked", "--root", str(HOME), "--version", _OHA, name]
        subprocess.run(cargo, check=True)
    else:
        subprocess.run([sys.executable, "-m", "venv", str(HOME / name)], check=True)
        subprocess.run(
            [str(HOME / name / "bin" / "pip"), "install", "-q", _PYTHON[name]], check=True
        )


def main() -> None:
    for name in sys.argv[1:] or INSTALLABLE:
        if is_installed(name):
            continue
        try:
            install(name)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{name} cannot be installed and is left out: {error}", file=sys.stderr)


if __name__ == "__main__":
    main()
