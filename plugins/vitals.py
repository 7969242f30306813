"""Measure memory and CPU time of a plugin's processes, over all restarts."""

from __future__ import annotations

from math import inf
from time import perf_counter

import psutil

# Younger numbers are told as they are: who shows a run asks several times per second.
_FRESH_SECONDS = 0.5


class Vitals:
    """Memory (`rss`, `rss_peak`) in bytes, and CPU seconds over all processes of a plugin."""

    def __init__(self) -> None:
        self.rss: int | None = None
        self.rss_peak = 0
        self._sampled_at = -inf
        self._cpu: dict[int, float] = {}

    @property
    def cpu_seconds(self) -> float | None:
        return sum(self._cpu.values()) if self._cpu else None

    def refresh(self, pid: int) -> None:
        """Measure a process whose numbers are not fresh: a run may be over in a moment."""
        if perf_counter() - self._sampled_at > _FRESH_SECONDS:
            self.sample(pid)

    def sample(self, pid: int) -> None:
        """Measure a process; if it has just ended, its last numbers stay."""
        self._sampled_at = perf_counter()
        try:
            process = psutil.Process(pid)
            with process.oneshot():
                times = process.cpu_times()
                self.rss = process.memory_info().rss
        except psutil.Error:
            return
        self.rss_peak = max(self.rss_peak, self.rss)
        self._cpu[pid] = times.user + times.system

    @staticmethod
    def is_stopped(pid: int) -> bool:
        """Return whether somebody suspended the process (SIGSTOP), so that it cannot answer."""
        try:
            return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
        except psutil.Error:
            return False

    @staticmethod
    def is_dead(pid: int) -> bool:
        """Return whether the process has ended, without reaping it."""
        try:
            return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
        except psutil.Error as error:
            return isinstance(error, psutil.NoSuchProcess)
