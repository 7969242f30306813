"""Look at this machine: limits, interpreters, and the highest request rate it can make."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

from boomtalk.engine.case.project import find_project
from boomtalk.engine.doctor.ceiling import Ceiling, judge, measure_ceiling
from boomtalk.engine.doctor.finding import Finding
from boomtalk.engine.doctor.system import system
from boomtalk.engine.errors import UsageError
from boomtalk.engine.output.files import deliver
from boomtalk.engine.output.format import harmless
from boomtalk.engine.output.json_text import json_page, ms_of
from boomtalk.engine.output.streams import say
from boomtalk.engine.signals import signal_code, stopped_by_signals
from boomtalk.engine.stop import Stop, Stopped, unless_stopped
from boomtalk.examples.target import server_process
from boomtalk.plugins.pool import GO_FILE
from boomtalk.plugins.python_launch import find_python
from msgspec.structs import asdict
from rich.text import Text

from ..flags.doctor import DoctorFlags
from .console import console_for
from .loop import run_on_loop

_COLORS = {"ok": "green", "warn": "yellow", "bad": "red"}
_VERSION = "import sys; print(*sys.version_info[:3], sep='.')"
_OLDEST = (3, 8)


def diagnose(paths: Sequence[Path], flags: DoctorFlags) -> NoReturn:
    """Print the findings, write them where asked for, and exit; raises UsageError."""
    found = [*system(), *_interpreters(paths, flags.python)]
    ceiling = None if flags.no_ceiling else _ceiling()
    if ceiling is not None:
        found += judge(ceiling)
    _show(found, flags)
    if flags.json is not None:
        _write(flags.json, found, ceiling)
    sys.exit(1 if any(one.state == "bad" for one in found) else 0)


def _interpreters(paths: Sequence[Path], python: str | None) -> Iterator[Finding]:
    """Look at what runs each plugin at, below or above the paths."""
    plugins: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: no such file or folder")
        around = find_project(path / "case.yml" if path.is_dir() else path, str(path))[1]
        below = _plugins_below(path) if path.is_dir() else ()
        plugins |= {plugin.resolve(): None for plugin in (around, *below) if plugin}
    for plugin in plugins:
        yield _program(plugin) if plugin.name == GO_FILE else _interpreter(plugin, python)


def _plugins_below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in ("debugtalk.py", GO_FILE):
            yield path
        elif path.is_dir() and not path.is_symlink() and not path.name.startswith("."):
            yield from _plugins_below(path)


def _program(plugin: Path) -> Finding:
    topic = f"plugin {plugin}"
    if find_spec("grpc") is None:
        return Finding(topic, "bad", "grpcio is missing", "pip install 'boomtalk[go]'")
    if not os.access(plugin, os.X_OK):
        return Finding(topic, "bad", "not executable", f"chmod +x {plugin}")
    return Finding(topic, "ok", "a program, built from Go")


def _interpreter(plugin: Path, python: str | None) -> Finding:
    chosen = find_python(python, plugin.parent)
    topic = f"plugin {plugin}"
    advice = "make its .venv anew, or give --python"
    try:
        done = subprocess.run([chosen, "-c", _VERSION], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(topic, "bad", f"{chosen} cannot be run: {error}", advice)
    told = done.stdout.strip()
    if done.returncode or not told:
        return Finding(topic, "bad", f"{chosen} ends with {done.returncode}", advice)
    if tuple(map(int, told.split("."))) < _OLDEST:
        return Finding(topic, "bad", f"{chosen} is Python {told}", "3.8 or newer is needed")
    return Finding(topic, "ok", f"Python {told} ({chosen})")


def _ceiling() -> Ceiling:
    with server_process(["-m", "boomtalk.examples.null_server"]) as server:
        return run_on_loop(_measured(server.url))


async def _measured(url: str) -> Ceiling:
    stop = Stop()
    with stopped_by_signals(stop, lambda: None, partial(say, sys.stderr)):
        try:
            return await unless_stopped(measure_ceiling(url), stop)
        except Stopped:
            sys.exit(signal_code(stop.signal))


def _show(found: Sequence[Finding], flags: DoctorFlags) -> None:
    console = console_for(flags.json, no_color=flags.no_color)
    for one in found:
        line = Text.assemble(
            (f"{one.state:<5}", _COLORS[one.state]), f"{harmless(one.topic)}: {harmless(one.found)}"
        )
        console.print(line, soft_wrap=True)
        if one.advice:
            console.print(f"       {one.advice}", soft_wrap=True)


def _write(path: Path, found: Sequence[Finding], ceiling: Ceiling | None) -> None:
    report = {"schema": 1, "findings": [asdict(one) for one in found], "ceiling": _numbers(ceiling)}
    deliver(path, json_page(report))


def _numbers(ceiling: Ceiling | None) -> dict[str, Any] | None:
    if ceiling is None:
        return None
    times = {"latency_ms": ceiling.latency, "lag_ms": ceiling.lag, "timers_ms": ceiling.timers}
    return {
        "requests_per_second": round(ceiling.requests_per_second, 1),
        "requests_per_core": round(ceiling.requests_per_core, 1),
        "easy_per_second": round(ceiling.easy_per_second, 1),
        **{
            name: {f"p{percent}": ms_of(one.percentile(percent)) for percent in (50, 99)}
            for name, one in times.items()
        },
    }
