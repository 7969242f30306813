"""What a plugin looks like at one moment; frozen, for tables and reports."""

from __future__ import annotations

from dataclasses import dataclass

from boomtalk.engine.measure.histogram import Histogram


@dataclass(frozen=True, slots=True)
class FunctionSnapshot:
    """One function of a debugtalk.py; `run` is in seconds, `errors` counts what it raised."""

    name: str
    calls: int
    errors: int
    run: Histogram


@dataclass(frozen=True, slots=True)
class PluginSnapshot:
    """One debugtalk.py.

    `calls = ok + errors + timeouts + crashed + cancelled + in_flight + queued`; the last two
    are 0 at the end. Refused calls are `unavailable` and not in `calls`. `rss` and `rss_peak`
    are bytes. `run` is the time inside the function, measured by the plugin process, `wait`
    the rest of the time from `call` to the answer: queue, pipe and JSON, in seconds both.
    """

    path: str
    state: str
    pid: int | None
    python: str
    starts: int
    restarts: int
    source_changed: bool
    calls: int
    ok: int
    errors: int
    timeouts: int
    crashed: int
    cancelled: int
    unavailable: int
    late_answers: int
    frames_bad: int
    in_flight: int
    queued: int
    rss: int | None
    rss_peak: int
    cpu_seconds: float | None
    wait: Histogram
    run: Histogram
    functions: tuple[FunctionSnapshot, ...]
