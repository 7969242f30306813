"""Disturb the generator: programs on its core, or a pause in every second."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from ..bench import pinning

_HOG = ["sh", "-c", "while :; do :; done"]


@dataclass(frozen=True, slots=True)
class Disturbance:
    """`hogs` programs that never sleep share the core; every second it stops for `pause` s."""

    name: str
    hogs: int = 0
    pause: float = 0.0

    @contextmanager
    def around(self, pid: int) -> Iterator[None]:
        """Disturb a process while the body of the `with` runs."""
        with ExitStack() as stack:
            for _ in range(self.hogs):
                stack.enter_context(_hog())
            if self.pause:
                stack.enter_context(_pauses(pid, self.pause))
            yield


DISTURBANCES = (
    Disturbance("none"),
    Disturbance("4 busy programs on its core", hogs=4),
    Disturbance("24 busy programs on its core", hogs=24),
    Disturbance("a pause of 50 ms every second", pause=0.05),
)


@contextmanager
def _hog() -> Iterator[None]:
    with subprocess.Popen(pinning.pinned(pinning.CLIENT, _HOG)) as hog:
        try:
            yield
        finally:
            hog.kill()


@contextmanager
def _pauses(pid: int, pause: float) -> Iterator[None]:
    over = threading.Event()
    pausing = threading.Thread(target=_pause, args=(pid, pause, over))
    pausing.start()
    try:
        yield
    finally:
        over.set()
        pausing.join()


def _pause(pid: int, pause: float, over: threading.Event) -> None:
    with suppress(ProcessLookupError):
        while not over.wait(1 - pause):
            os.kill(pid, signal.SIGSTOP)
            over.wait(pause)
            os.kill(pid, signal.SIGCONT)
