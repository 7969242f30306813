"""Find the processes that a test started, by a mark in the environment that children inherit.

The mark also finds processes that left their parent's group or outlived their parent.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, field

import psutil

from .waiting import wait_until

MARK = "BOOMTALK_TEST_MARK"


@dataclass(frozen=True)
class Auditor:
    """Lists the living processes with `mark`, except this one."""

    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment that a process needs in order to be found."""
        return {MARK: self.mark}

    def running(self, text: str = "") -> list[psutil.Process]:
        """Return the marked processes whose command line contains `text`."""
        return [
            process
            for process in psutil.process_iter()
            if process.pid != os.getpid() and self._is_marked(process) and _says(process, text)
        ]

    def plugins(self) -> list[psutil.Process]:
        """Return the marked plugin processes."""
        return self.running(os.path.join("plugins", "child.py"))

    def assert_none_left(self, timeout: float = 10.0) -> None:
        """Fail if marked processes still run after `timeout` seconds, and name them.

        Those that are left are killed, so that one failing test does not spoil the next.
        """
        try:
            wait_until(lambda: not self.running(), "the end of all processes", timeout)
        except AssertionError:
            left = [(process.pid, _command(process)) for process in self._kill_all()]
            raise AssertionError(f"processes left behind: {left}") from None

    def _kill_all(self) -> list[psutil.Process]:
        left = self.running()
        for process in left:
            process.kill()
        return left

    def _is_marked(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(MARK) == self.mark
        except (psutil.Error, OSError):
            return False


def _says(process: psutil.Process, text: str) -> bool:
    return not text or text in _command(process)


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
