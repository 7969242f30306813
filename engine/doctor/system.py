"""Check the machine and the software on it."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from importlib.metadata import version

import psutil
from boomtalk.version import VERSION

from ..load.machine import Machine, this_machine
from .finding import Finding, judged

_PACKAGES = ("aiohttp", "httptools", "uvloop", "orjson")
# Packages that are much slower, or behave differently, without their compiled part.
_COMPILED: Mapping[str, str] = {
    "HTTP parser": "httptools.parser.parser",
    "websockets": "aiohttp._websocket.reader_c",
    "event loop": "uvloop.loop",
    "YAML parser": "yaml._yaml",
}


def limits(machine: Machine) -> Iterator[Finding]:
    """Judge the resources that one process may use."""
    yield judged(
        "open files",
        machine.most_files,
        [(65_536, "ok"), (256, "warn")],
        lambda files: f"{files:.0f} at most: about {max(0, files - 64):.0f} users",
        "raise the hard limit: ulimit -Hn 1048576, or LimitNOFILE / limits.conf",
    )
    yield judged(
        "ports",
        machine.ports,
        [(16_384, "ok"), (1_024, "warn")],
        lambda ports: (
            f"{ports:.0f} to one address, each free again after {machine.port_seconds:.0f} s"
        ),
        "sysctl net.ipv4.ip_local_port_range='1024 65535'",
    )
    yield judged(
        "memory",
        machine.free_memory,
        [(1e9, "ok"), (2e8, "warn")],
        lambda free: f"{free / 1e6:.0f} MB free",
        "end other programs, or use fewer users",
    )


def cores(usable: int, busy: float) -> Iterator[Finding]:
    """Judge the cores; `busy` is how many of them were busy on average in the last minute."""
    yield judged(
        "cores",
        usable,
        [(2, "ok"), (1, "warn")],
        lambda number: f"{number:.0f} usable",
        "load, plugins and perhaps the target share one core and slow each other down",
    )
    idle = usable - busy
    yield judged(
        "load of others",
        idle,
        [(1.0, "ok"), (float("-inf"), "warn")],
        lambda _: f"{busy:.1f} of {usable} cores busy in the last minute",
        "wait, or end other programs: without a free core the generator measures its own delays",
    )


def usable_cores() -> int:
    """Return how many cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def software() -> Iterator[Finding]:
    """Report versions, and check that packages have their compiled parts."""
    yield _platform(platform.system(), platform.release())
    names = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    yield Finding("versions", "ok", f"boomtalk {VERSION}, {names}")
    yield interpreter(sysconfig.get_config_var("CONFIG_ARGS") or "", sys.base_prefix)
    for topic, module in _COMPILED.items():
        yield _compiled(topic, module)


def interpreter(built_with: str, prefix: str) -> Finding:
    """Judge how Python was built, by the arguments of its configure script and its prefix."""
    shown = f"{platform.python_version()} ({sys.executable})"
    # Distributions optimise Python in their own ways. A build by hand (pyenv) is optimised only
    # with this option (docs.python.org/3/using/configure.html, Performance options).
    if prefix.startswith("/usr") or "--enable-optimizations" in built_with:
        return Finding("Python", "ok", shown)
    advice = (
        "use your distribution's Python; with pyenv: PYTHON_CONFIGURE_OPTS=--enable-optimizations"
    )
    return Finding("Python", "warn", f"{shown}, built without --enable-optimizations", advice)


def _platform(system: str, release: str) -> Finding:
    shown = f"{system} {release}"
    if system == "Linux":
        return Finding("system", "ok", shown)
    advice = "limits of ports and of memory groups can be read on Linux only"
    return Finding("system", "warn", shown, advice)


def _compiled(topic: str, module: str) -> Finding:
    package = module.partition(".")[0]
    if importlib.util.find_spec(module) is not None:
        return Finding(topic, "ok", f"{package}, compiled")
    return Finding(topic, "warn", f"{package}, not compiled", f"reinstall {package} from a wheel")


def system() -> Iterator[Finding]:
    """Check this machine as it is now."""
    yield from software()
    yield from limits(this_machine())
    yield from cores(usable_cores(), psutil.getloadavg()[0])
