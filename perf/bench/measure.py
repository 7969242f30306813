"""Measure one run of one tool: requests as the server counts them, CPU time from the kernel."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import pinning
from .cpu import CommandFailed, Tree, Usage, running
from .servers import Server
from .tools import TOOLS
from .workloads import Workload

_FIRST_REQUEST_TIMEOUT = 60.0
_BETWEEN_SAMPLES = 0.25
# The tool runs for a second more than the measured part, so that its end is not measured.
_AFTER = 1


@dataclass(frozen=True, slots=True)
class Measured:
    """Counts and CPU seconds of the measured part, and of the whole run.

    `memory` is the peak of all processes together in bytes. `others` is the share of the client's
    core that other programs, or other guests of the host, used.
    """

    requests: int
    cpu_seconds: float
    seconds: float
    memory: int
    processes: int
    refused: int
    whole_requests: int
    whole_cpu_seconds: float
    left_behind: int
    others: float | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Moment:
    at: float
    requests: int
    usage: Usage
    core_seconds: float = 0.0


class _Watch:
    """Samples server and client, and keeps the peaks."""

    def __init__(self, server: Server, tree: Tree) -> None:
        self._server = server
        self._tree = tree
        self._before = server.requests()
        self.memory = self.processes = 0

    def look(self) -> _Moment:
        requests, usage = self.requests(), self._tree.usage()
        self.memory = max(self.memory, usage.memory)
        self.processes = max(self.processes, usage.processes)
        return _Moment(time.monotonic(), requests, usage, pinning.busy(pinning.CLIENT))

    def requests(self) -> int:
        return self._server.requests() - self._before

    def wait_for_first_request(self) -> None:
        end = time.monotonic() + _FIRST_REQUEST_TIMEOUT
        while not self.requests():
            self._check_running()
            if time.monotonic() > end:
                raise CommandFailed("sent nothing")
            time.sleep(0.02)

    def look_for(self, seconds: float) -> _Moment:
        """Sample for some seconds and return the last sample.

        Raises CommandFailed if the command ends before that.
        """
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _BETWEEN_SAMPLES))
            moment = self.look()
            self._check_running()
        return moment

    def look_to_the_end(self, seconds: float) -> None:
        """Sample until the command ends; raises CommandFailed if that takes longer than this."""
        end = time.monotonic() + seconds
        while self._tree.is_running:
            self.look()
            if time.monotonic() > end:
                raise CommandFailed(f"did not end in {seconds:.0f} s")
            time.sleep(_BETWEEN_SAMPLES)

    def _check_running(self) -> None:
        if not self._tree.is_running:
            raise CommandFailed(f"ended too early: {self._tree.output[-300:]}")


def measure(
    tool: str, program: str, workload: Workload, server: Server, seconds: int, folder: Path
) -> Measured:
    """Run a tool once; raises CommandFailed if it does not do the work."""
    settle = workload.settle if workload.is_steady else 0
    told = seconds + round(settle + 0.5) + _AFTER if workload.is_steady else seconds
    command = TOOLS[tool](program, workload.work(server, told, folder))
    is_alone = workload.is_steady and workload.is_pinned
    cores = pinning.CLIENT if is_alone else pinning.ALL
    refused = server.refused()
    with running(command, folder, cores=cores, terminal=workload.terminal) as tree:
        watch = _Watch(server, tree)
        started_at = time.monotonic()
        if workload.is_steady:
            watch.wait_for_first_request()
            first, last = watch.look_for(settle), watch.look_for(seconds)
        watch.look_to_the_end(told + 60)
        whole = tree.wait()
        requests = watch.requests()
    if not workload.is_steady:
        first = _Moment(started_at, 0, Usage(0, 0, 0))
        last = _Moment(time.monotonic(), requests, Usage(whole["cpu_seconds"], 0, 0))
    return Measured(
        requests=last.requests - first.requests,
        cpu_seconds=last.usage.cpu_seconds - first.usage.cpu_seconds,
        seconds=last.at - first.at,
        # A peak between two samples is missed, but the kernel knows that of the largest process.
        memory=max(watch.memory, whole["largest_process"]),
        processes=watch.processes,
        refused=server.refused() - refused,
        whole_requests=requests,
        whole_cpu_seconds=whole["cpu_seconds"],
        left_behind=whole["left_behind"],
        others=_others(first, last) if is_alone else None,
    )


def _others(first: _Moment, last: _Moment) -> float:
    busy = last.core_seconds - first.core_seconds
    ours = last.usage.cpu_seconds - first.usage.cpu_seconds
    return max(0.0, busy - ours) / (last.at - first.at)
