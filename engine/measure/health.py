"""Whether the generator itself kept up: loop lag, CPU, garbage collection, memory."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any

import psutil

from .blocked import BlockedLoop
from .histogram import Histogram

_PROBE_SECONDS = 0.01
# uvloop's clock counts whole milliseconds: timers are that much off without any lag.
_CLOCK_SECONDS = 0.001
# Over a shorter span a share of CPU time says nothing.
_SHORTEST_SPAN = 0.5


@dataclass(frozen=True, slots=True)
class HealthSnapshot:
    """CPU is in percent of one core, lag and pauses in seconds, memory in bytes."""

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

    @property
    def is_trusted(self) -> bool:
        """Whether at most 1 % of the seconds were bad and 10 % degraded.

        One bad second is a single hiccup that a short run may have too.
        """
        seconds = max(1, self.seconds)
        bad, degraded = max(1, seconds * 0.01), max(1, seconds * 0.10)
        return self.bad_seconds <= bad and self.degraded_seconds <= degraded


class Health:
    """Probes the loop it runs on, from `start` to `stop`."""

    def __init__(self) -> None:
        self._lag = Histogram()
        self._lags: list[float] = []
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._blocked = BlockedLoop()
        self._process = psutil.Process()
        self._gc_pause = 0.0
        self._gc_began = 0.0
        self._rss = self._rss_peak = self._process.memory_info().rss
        self._cpu_peak = self._cpu_now = 0.0
        self._bad = self._degraded = self._seconds = 0
        self._cpu_first = self._cpu_last = process_time()
        self._first = self._last = perf_counter()

    def start(self) -> None:
        """Start to probe; must be called on the running loop."""
        self._cpu_first = self._cpu_last = process_time()
        self._first = self._last = perf_counter()
        gc.callbacks.append(self._on_gc)
        self._blocked.start()
        self._arm()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            gc.callbacks.remove(self._on_gc)
            self._blocked.stop()
        self._timer = None

    def end_second(self, late: float, latency: float | None, faults: int) -> float | None:
        """Judge the second that ended `late` seconds ago; return the 99th percentile of its lag.

        `latency` is its median in seconds; `faults` counts what the generator owes it: starts
        that came too late, connections for which it had no file or port.
        """
        lag = Histogram()
        # A process that was stopped has no probes to tell of it: the late end of a second is one.
        lag.add([*self._lags, max(0.0, late - _CLOCK_SECONDS)])
        self._lags.clear()
        self._lag.merge(lag)
        self._measure_cpu()
        self._rss = self._process.memory_info().rss
        self._rss_peak = max(self._rss_peak, self._rss)
        tail = lag.percentile(99)
        self._judge(max(tail or 0.0, late - _CLOCK_SECONDS), latency or 0.0, faults)
        return tail

    def snapshot(self) -> HealthSnapshot:
        span = max(1e-9, self._last - self._first)
        lag = self._lag.copy()
        lag.add(self._lags)
        return HealthSnapshot(
            cpu_mean=100 * (self._cpu_last - self._cpu_first) / span,
            cpu_peak=self._cpu_peak,
            cpu_now=self._cpu_now,
            lag=lag,
            rss=self._rss,
            rss_peak=self._rss_peak,
            gc_pause=self._gc_pause,
            bad_seconds=self._bad,
            degraded_seconds=self._degraded,
            seconds=self._seconds,
        )

    def blocked_at(self) -> str | None:
        """Return where the loop was last found blocked for over a second, once."""
        return self._blocked.take()

    def _measure_cpu(self) -> None:
        now, cpu = perf_counter(), process_time()
        if now - self._last < _SHORTEST_SPAN:
            return
        self._cpu_now = 100 * (cpu - self._cpu_last) / (now - self._last)
        self._cpu_peak = max(self._cpu_peak, self._cpu_now)
        self._last, self._cpu_last = now, cpu

    def _judge(self, lag: float, latency: float, faults: int) -> None:
        self._seconds += 1
        if lag > 0.05 or self._cpu_now > 95 or faults:
            self._bad += 1
        elif lag > max(0.01, 0.2 * latency) or self._cpu_now > 80:
            self._degraded += 1

    def _arm(self) -> None:
        self._due = perf_counter() + _PROBE_SECONDS
        self._blocked.beat()
        self._timer = asyncio.get_running_loop().call_later(_PROBE_SECONDS, self._probe)

    def _probe(self) -> None:
        self._lags.append(max(0.0, perf_counter() - self._due - _CLOCK_SECONDS))
        self._arm()

    def _on_gc(self, phase: str, _info: dict[str, Any]) -> None:
        if phase == "start":
            self._gc_began = perf_counter()
        else:
            self._gc_pause = max(self._gc_pause, perf_counter() - self._gc_began)
