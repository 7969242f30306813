"""Freeze the numbers of plugin processes for tables and reports."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from .histogram import Histogram


class FunctionSnapshot(Struct, frozen=True):
    """Calls of one debugtalk.py function; `run` is in seconds, `errors` counts exceptions."""

    name: str
    calls: int
    errors: int
    run: Histogram


class PluginSnapshot(Struct, frozen=True):
    """The process of one debugtalk.py.

    `calls = ok + errors + timeouts + crashed + cancelled + in_flight + queued`; the last two
    are 0 at the end. Refused calls are `unavailable` and not in `calls`. `rss` and `rss_peak`
    are bytes. `run` is the time inside the function, measured by the plugin process, `wait`
    the rest of the time from `call` to the answer (queue, pipe and JSON); both in seconds.
    `shard` is the number of the shard it belongs to, None without shards.
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
    rss_peak: int | None
    cpu_seconds: float | None
    wait: Histogram
    run: Histogram
    functions: tuple[FunctionSnapshot, ...]
    shard: int | None = None

    def cut(self) -> PluginSnapshot:
        """Return the numbers with the calls that have not ended as cancelled."""
        cancelled = self.cancelled + self.in_flight + self.queued
        return replace(self, cancelled=cancelled, in_flight=0, queued=0)
