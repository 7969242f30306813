"""Check whether the generator keeps up, and how much of the latencies is its own delay."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter
from typing import Any

import psutil
from msgspec import Struct, field

from .added import AddedLatency
from .blocked import BlockedLoop
from .cpu import CpuMeter, CpuTimes, cpu_times
from .histogram import Histogram

# A hundred probes per second give a 99th percentile for each second, at little cost.
_PROBE_SECONDS = 0.01
# uvloop's timers count whole milliseconds, so even on an idle loop they are up to 1 ms late.
_CLOCK_SECONDS = 0.001
# A second in which the loop stood still for this long is lost.
_STANDSTILL = 0.5
# The generator's own share of the 99th percentile, above which that is not the target's figure.
_MOST_OWN = 0.5


class HealthSnapshot(Struct, frozen=True):
    """The generator's state. CPU is in percent of one core, times in seconds, memory in bytes.

    `cpu_wait_mean` is the percentage of time in which the loop was ready to run but waited for
    a core; 0 on systems that do not report it. `added` is what the generator itself added to
    latencies without the largest, `latency_p99` the latency that was measured, and
    `latency_beside` the same without as many of the largest.
    """

    cpu_mean: float
    cpu_peak: float
    cpu_now: float
    lag: Histogram
    rss: int
    rss_peak: int
    gc_pause: float
    bad_seconds: int
    degraded_seconds: int
    seconds: int
    cpu_wait_mean: float = 0.0
    added: Histogram = field(default_factory=Histogram)
    latency_p99: float | None = None
    latency_beside: float | None = None

    @property
    def is_trusted(self) -> bool:
        return not (self.lost_seconds or self.is_mostly_own)

    @property
    def lost_seconds(self) -> bool:
        """Whether more than 1 % of the seconds were bad.

        One is always allowed: even a short run may have a single hiccup.
        """
        return self.bad_seconds > max(1, self.seconds * 0.01)

    @property
    def latency_error(self) -> float | None:
        """The seconds that the generator may have added to a latency, at the 99th percentile."""
        error, whole = self.added.percentile(99), self.latency_p99
        # A sample of the requests may by chance have more of the slow ones.
        return error if error is None or whole is None else min(error, whole)

    @property
    def own_share(self) -> float:
        """The share of the 99th percentile that may be the generator's own delay."""
        error = self.latency_error
        whole = self.latency_beside or self.latency_p99
        return min(1.0, error / whole) if error and whole else 0.0

    @property
    def is_mostly_own(self) -> bool:
        return self.own_share > _MOST_OWN


class Health:
    """Probes the event loop that it runs on, from `start` to `stop`."""

    def __init__(
        self,
        clock: Callable[[], float] = perf_counter,
        times: Callable[[], CpuTimes] = cpu_times,
    ) -> None:
        self._clock = clock
        self._cpu = CpuMeter(clock, times)
        self._lag = Histogram()
        self._lags: list[float] = []
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._blocked = BlockedLoop()
        self.added = AddedLatency()
        self._latency = Histogram()
        self._process = psutil.Process()
        self._gc_pause = 0.0
        self._gc_began = 0.0
        self._rss = self._rss_peak = 0
        self._measure_memory()
        self._bad = self._degraded = self._seconds = 0

    def start(self) -> None:
        """Start probing; call it from the running loop."""
        self._cpu.start()
        gc.callbacks.append(self._on_gc)
        self._blocked.start()
        self.added.start()
        self._arm()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            gc.callbacks.remove(self._on_gc)
            self._blocked.stop()
            self.added.stop()
        self._timer = None

    def end_warmup(self) -> None:
        """Forget the latencies so far, and what the generator added to them."""
        self._latency = Histogram()
        self.added.clear()

    def end_second(self, late: float, latency: Histogram, faults: int) -> float | None:
        """Judge the second that ended `late` seconds ago; return the 99th percentile of its lag.

        `latency` holds the second's latencies. `faults` counts the generator's own failures in
        it: starts that came too late, and connections for which no file or port was free.
        """
        lag = Histogram()
        # A process that was stopped (SIGSTOP, a suspended laptop) took no probes meanwhile, but
        # this call comes late by the length of the pause, so it counts as a probe too.
        lag.add([*self._lags, max(0.0, late - _CLOCK_SECONDS)])
        self._lags.clear()
        self._lag.merge(lag)
        self._cpu.measure()
        self._measure_memory()
        self._latency.merge(latency)
        self.added.end_second()
        self._judge(lag, latency.percentile(50) or 0.0, faults)
        return lag.percentile(99)

    def _measure_memory(self) -> None:
        # Connections may have used up the file descriptors; then the last figure stays.
        with suppress(OSError):
            self._rss = self._process.memory_info().rss
        self._rss_peak = max(self._rss_peak, self._rss)

    def snapshot(self) -> HealthSnapshot:
        used, waited = self._cpu.means()
        lag = self._lag.copy()
        lag.add(self._lags)
        beside, p99 = self._latency.percentiles((self.added.percent(), 99))
        return HealthSnapshot(
            cpu_mean=used,
            cpu_peak=self._cpu.used_peak,
            cpu_now=self._cpu.used_now,
            lag=lag,
            rss=self._rss,
            rss_peak=self._rss_peak,
            gc_pause=self._gc_pause,
            bad_seconds=self._bad,
            degraded_seconds=self._degraded,
            seconds=self._seconds,
            cpu_wait_mean=waited,
            added=self.added.snapshot(),
            latency_p99=p99,
            latency_beside=beside,
        )

    def blocked_at(self) -> str | None:
        """Return the place at which the loop was blocked for over a second; None the next time."""
        return self._blocked.take()

    def _judge(self, lag: Histogram, latency: float, faults: int) -> None:
        self._seconds += 1
        waited = self._cpu.waited_now
        if faults or lag.high > _STANDSTILL:
            self._bad += 1
        # Such a second is only told, not held against the run: how far it moved the figures is
        # measured apart.
        elif (
            (lag.percentile(99) or 0.0) > max(0.01, 0.2 * latency)
            or self._cpu.used_now + waited > 80
            or waited > 20
        ):
            self._degraded += 1

    def _arm(self) -> None:
        # A timer and not a task: the probe itself must cost as little as possible.
        self._due = self._clock() + _PROBE_SECONDS
        self._blocked.beat()
        self._timer = asyncio.get_running_loop().call_later(_PROBE_SECONDS, self._probe)

    def _probe(self) -> None:
        self._lags.append(max(0.0, self._clock() - self._due - _CLOCK_SECONDS))
        self._arm()

    def _on_gc(self, phase: str, _info: dict[str, Any]) -> None:
        if phase == "start":
            self._gc_began = perf_counter()
        else:
            self._gc_pause = max(self._gc_pause, perf_counter() - self._gc_began)
