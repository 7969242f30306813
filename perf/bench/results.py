"""Read and write results.json: one section per measurement, with its machine and date."""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from . import peers, pinning

FOLDER = Path(__file__).parents[1]
PACKAGES = ("aiohttp", "httptools", "uvloop", "orjson")
Section = dict[str, Any]


def load(path: Path) -> dict[str, Section]:
    """Return the sections by name; there are none if the file does not exist."""
    sections: dict[str, Section] = json.loads(path.read_text()) if path.exists() else {}
    return sections


def save(path: Path, name: str, section: Section) -> None:
    """Add a section, or replace the one of the same name."""
    sections = load(path) | {name: section}
    path.write_text(json.dumps(sections, indent=1) + "\n")


def about(tools: Iterable[str]) -> Section:
    """Return date, machine, versions and command of this measurement."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": _machine(),
        "load_before": round(os.getloadavg()[0], 2),
        "versions": _versions(tools),
        "command": _command(),
    }


def _machine() -> str:
    gigabytes = psutil.virtual_memory().total / 2**30
    cores = f"client on core {_names(pinning.CLIENT)}, server on {_names(pinning.SERVER)}"
    system = f"{platform.system()} {platform.release()}"
    return f"{_processor()}, {os.cpu_count()} cores ({cores}), {gigabytes:.0f} GB, {system}"


def _names(cores: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(cores)))


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()


def _versions(tools: Iterable[str]) -> dict[str, str]:
    ours = {"Python": peers.built(sys.executable)} | {name: version(name) for name in PACKAGES}
    return ours | {name: peers.version_of(name) for name in (*tools, "nginx")}


def _command() -> str:
    module = __import__("__main__").__spec__
    name = module.name.removesuffix(".__main__") if module else sys.argv[0]
    return shlex.join(["python", "-m", name, *sys.argv[1:]])
