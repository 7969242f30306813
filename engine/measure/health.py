"""Whether the generator itself kept up: loop lag, CPU, garbage collection, memory."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any

import psutil

from .histogram import Histogram

_PROBE_SECONDS = 0.01


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
        """Whether at most 1 % of the seconds were bad and 10 % degraded."""
        seconds = max(1, self.seconds)
        return self.bad_seconds <= seconds * 0.01 and self.degraded_seconds <= seconds * 0.10

    @property
    def limited_by(self) -> tuple[str, str]:
        """What held the throughput down as far as the generator can see, and the evidence."""
        lag = (self.lag.percentile(99) or 0.0) * 1000
        if self.cpu_mean > 80:
            return "generator_cpu", f"{self.cpu_mean:.0f} % of one core on average"
        if lag > 50:
            return "event_loop", f"loop lag p99 {lag:.0f} ms"
        return "none", f"{self.cpu_mean:.0f} % of one core, loop lag p99 {lag:.1f} ms"


class Health:
    """Probes the loop it runs on, from `start` to `stop`."""

    def __init__(self) -> None:
        self._lag = Histogram()
        self._lags: list[float] = []
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._process = psutil.Process()
        self._gc_pause = 0.0
        self._gc_began = 0.0
        self._rss = self._rss_peak = self._process.memory_info().rss
        self._cpu_peak = self._cpu_now = 0.0
        self._bad = self._degraded = self._seconds = 0
        self._cpu_first = self._cpu_last = process_time()
        self._first = self._last = perf_counter()

    def start(self) -> None:
        self._cpu_first = self._cpu_last = process_time()
        self._first = self._last = perf_counter()
        gc.callbacks.append(self._on_gc)
        self._arm()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            gc.callbacks.remove(self._on_gc)
        self._timer = None

    def end_second(self, latency_p50: float | None) -> float | None:
        """Judge the second that ends now; return the 99th percentile of its lag in seconds."""
        now, cpu = perf_counter(), process_time()
        lag = Histogram()
        lag.add(self._lags)
        self._lags.clear()
        self._lag.merge(lag)
        self._cpu_now = 100 * (cpu - self._cpu_last) / max(1e-9, now - self._last)
        self._cpu_peak = max(self._cpu_peak, self._cpu_now)
        self._last, self._cpu_last = now, cpu
        self._rss = self._process.memory_info().rss
        self._rss_peak = max(self._rss_peak, self._rss)
        worst = lag.percentile(99)
        self._judge(worst or 0.0, latency_p50 or 0.0)
        return worst

    def _judge(self, lag: float, latency: float) -> None:
        self._seconds += 1
        if lag > 0.05 or self._cpu_now > 95:
            self._bad += 1
        elif lag > max(0.01, 0.2 * latency) or self._cpu_now > 80:
            self._degraded += 1

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

    def _arm(self) -> None:
        self._due = perf_counter() + _PROBE_SECONDS
        self._timer = asyncio.get_running_loop().call_later(_PROBE_SECONDS, self._probe)

    def _probe(self) -> None:
        # uvloop's clock has a resolution of 1 ms, so a timer may fire that much early.
        self._lags.append(max(0.0, perf_counter() - self._due))
        self._arm()

    def _on_gc(self, phase: str, _info: dict[str, Any]) -> None:
        if phase == "start":
            self._gc_began = perf_counter()
        else:
            self._gc_pause = max(self._gc_pause, perf_counter() - self._gc_began)
