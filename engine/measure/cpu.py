"""Measure how much of a core the generator uses, and how long it waits for one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import process_time

from msgspec import Struct

# Over a shorter span one tick of the clock moves the share too much.
_SHORTEST_SPAN = 0.5
# Three numbers: nanoseconds on a core, nanoseconds spent waiting for one, and time slices
# (Documentation/scheduler/sched-stats.rst of Linux). Other systems do not have this file.
_SCHEDULE = Path("/proc/thread-self/schedstat")


class CpuTimes(Struct, frozen=True):
    """Seconds so far: CPU time of the process, and time its loop waited for a core."""

    used: float
    waited: float


def cpu_times() -> CpuTimes:
    """Read both times in the calling thread; the wait is 0 on systems other than Linux."""
    waited = 0.0
    with suppress(OSError, ValueError, IndexError):
        waited = int(_SCHEDULE.read_text().split()[1]) / 1e9
    return CpuTimes(process_time(), waited)


class CpuMeter:
    """Measures used and waited time in percent of one core, per second and since the start.

    Waiting counts as much as using: a process that others keep from running uses little CPU,
    but it is saturated all the same.
    """

    def __init__(self, clock: Callable[[], float], times: Callable[[], CpuTimes]) -> None:
        self._clock = clock
        self._times = times
        self.used_now = self.waited_now = self.used_peak = 0.0
        self.start()

    def start(self) -> None:
        """Start counting now."""
        self._first = self._last = (self._clock(), self._times())

    def measure(self) -> None:
        """Compute the shares since the last call, unless that was too short ago."""
        times = self._times()
        # Without a free file descriptor the wait cannot be read, and counts from the next time on.
        waited = max(times.waited, self._last[1].waited)
        now = (self._clock(), CpuTimes(times.used, waited))
        if now[0] - self._last[0] < _SHORTEST_SPAN:
            return
        self.used_now, self.waited_now = _shares(self._last, now)
        self.used_peak = max(self.used_peak, self.used_now)
        self._last = now

    def means(self) -> tuple[float, float]:
        """Return the used and the waited share since the start."""
        return _shares(self._first, self._last)


def _shares(begin: tuple[float, CpuTimes], end: tuple[float, CpuTimes]) -> tuple[float, float]:
    span = max(1e-9, end[0] - begin[0])
    used, waited = end[1].used - begin[1].used, end[1].waited - begin[1].waited
    return 100 * used / span, 100 * waited / span
