"""How much of a core the generator used, and how long it had to wait for one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import process_time

# Over a shorter span a share of time says nothing.
_SHORTEST_SPAN = 0.5
# Nanoseconds on a core, nanoseconds ready to run without one, and how often it got one.
_SCHEDULE = Path("/proc/thread-self/schedstat")


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """Seconds so far: CPU that the process used, and time the loop's thread waited for a core."""

    used: float
    waited: float


def cpu_times() -> CpuTimes:
    """Read both in the calling thread; the wait is 0 where the system does not tell it."""
    waited = 0.0
    with suppress(OSError, ValueError, IndexError):
        waited = int(_SCHEDULE.read_text().split()[1]) / 1e9
    return CpuTimes(process_time(), waited)


class CpuMeter:
    """Shares of time in percent of one core, over the last second and since the start.

    A process that others keep from running uses little CPU and is saturated all the same: what
    it waits for a core counts as much as what it uses.
    """

    def __init__(self, clock: Callable[[], float], times: Callable[[], CpuTimes]) -> None:
        self._clock = clock
        self._times = times
        self.used_now = self.waited_now = self.used_peak = 0.0
        self.start()

    def start(self) -> None:
        """Begin to count now."""
        self._first = self._last = (self._clock(), self._times())

    def measure(self) -> None:
        """Close the span since the last measure, unless it is too short to tell anything."""
        now = (self._clock(), self._times())
        if now[0] - self._last[0] < _SHORTEST_SPAN:
            return
        self.used_now, self.waited_now = _shares(self._last, now)
        self.used_peak = max(self.used_peak, self.used_now)
        self._last = now

    def means(self) -> tuple[float, float]:
        """Return the shares used and waited since the start."""
        return _shares(self._first, self._last)


def _shares(begin: tuple[float, CpuTimes], end: tuple[float, CpuTimes]) -> tuple[float, float]:
    span = max(1e-9, end[0] - begin[0])
    used, waited = end[1].used - begin[1].used, end[1].waited - begin[1].waited
    return 100 * used / span, 100 * waited / span
