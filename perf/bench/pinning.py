"""Assign cores: the tool under test has one to itself."""

from __future__ import annotations

import os
from collections.abc import Collection

import psutil

_CORES = sorted(os.sched_getaffinity(0))

CLIENT: Collection[int] = {_CORES[-1]}
# The server and the measuring program share the other cores.
SERVER: Collection[int] = set(_CORES[:-1]) or set(_CORES)
ALL: Collection[int] = set(_CORES)


def pinned(cores: Collection[int], command: list[str]) -> list[str]:
    """Return a command that runs `command` on these cores only."""
    return ["taskset", "-c", ",".join(map(str, sorted(cores))), *command]


def busy(cores: Collection[int]) -> float:
    """Return the seconds for which these cores were busy, or taken away by the host."""
    times = psutil.cpu_times(percpu=True)
    return sum(
        times[core].user + times[core].nice + times[core].system + times[core].steal
        for core in cores
    )
