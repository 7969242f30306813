"""Run a command, and measure CPU time and memory of its whole tree of processes."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from . import pinning

# These turn off usage data that tools send, and give a terminal a size.
QUIET = {
    "DISABLE_GA": "true",
    "DISABLE_SENTRY": "true",
    "K6_NO_USAGE_REPORT": "true",
    "COLUMNS": "120",
    "LINES": "40",
}
REAPER = Path(__file__).with_name("reaper.py")
_END_TIMEOUT = 60.0


class CommandFailed(Exception):
    """A command failed, or did not end; the message says what happened."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The state of a tree: CPU seconds so far, current resident bytes and processes."""

    cpu_seconds: float
    memory: int
    processes: int


class Tree:
    """A command and all its descendants, below a process that waits for each of them."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path) -> None:
        self._process = process
        self._root = psutil.Process(process.pid)
        self._folder = folder

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def usage(self) -> Usage:
        """Return the usage from /proc: of processes that live, and CPU time of those that ended.

        Shared pages count in the memory of each process.
        """
        memory, processes = 0, self._root.children(recursive=True)
        used = 0.0
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                used += sum(process.cpu_times()[:4])
                memory += process.memory_info().rss
        dead = self._root.cpu_times()
        used += dead.children_user + dead.children_system
        return Usage(used, memory, len(processes))

    def wait(self) -> dict[str, Any]:
        """Wait for the end and return the reaper's report.

        Raises CommandFailed if the command fails or takes over a minute to end.
        """
        try:
            self._process.wait(_END_TIMEOUT)
        except subprocess.TimeoutExpired:
            raise CommandFailed("did not end") from None
        told: dict[str, Any] = json.loads((self._folder / "usage.json").read_text())
        if told["code"]:
            raise CommandFailed(f"ended with {told['code']}: {self.output[-300:]}")
        return told

    @property
    def output(self) -> str:
        return (self._folder / "output").read_text(errors="replace")

    def end(self) -> None:
        """Kill the whole tree, if it still runs."""
        if self.is_running:
            self._process.terminate()
            self._process.wait()


@contextmanager
def running(
    command: Sequence[str],
    folder: Path,
    *,
    cores: Collection[int] = pinning.CLIENT,
    terminal: bool = False,
) -> Iterator[Tree]:
    """Run a command in `folder` on some cores; its output goes to the file `output`.

    With `terminal` it writes to a pseudo-terminal, which is read as fast as possible.
    """
    reaper = [sys.executable, str(REAPER), "usage.json", *pinning.pinned(cores, list(command))]
    with (folder / "output").open("wb") as file, _output(file.fileno(), terminal) as output:
        process = subprocess.Popen(
            pinning.pinned(pinning.SERVER, reaper),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            env=_environment(),
            start_new_session=True,
        )
        tree = Tree(process, folder)
        try:
            yield tree
        finally:
            tree.end()


def _environment() -> dict[str, str]:
    # Without bytecode files Python compiles everything at each start, which no user's Python does.
    own = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return own | QUIET


@contextmanager
def _output(file: int, terminal: bool) -> Iterator[int]:
    if not terminal:
        yield file
        return
    ours, theirs = pty.openpty()
    draining = threading.Thread(target=_drain, args=(ours, file), daemon=True)
    draining.start()
    try:
        yield theirs
    finally:
        os.close(theirs)
        draining.join()
        os.close(ours)


def _drain(terminal: int, file: int) -> None:
    # Reading fails once no process has the other end open.
    with suppress(OSError):
        while text := os.read(terminal, 65536):
            os.write(file, text)
