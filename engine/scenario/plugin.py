"""What the engine asks of a plugin layer; it is given one and never imports one."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from ..measure.histogram import Histogram


class Plugin(Protocol):
    """One running debugtalk.py: its functions by name, and calls to them."""

    @property
    def functions(self) -> Mapping[str, Any]: ...

    def call(
        self, name: str, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Awaitable[Any]:
        """Call one function; raises PluginCallError."""
        ...


class FunctionView(Protocol):
    """The bill of one function; `run` is seconds."""

    @property
    def name(self) -> str: ...
    @property
    def calls(self) -> int: ...
    @property
    def errors(self) -> int: ...
    @property
    def run(self) -> Histogram: ...


class PluginView(Protocol):
    """What is shown of one plugin process; memory in bytes, times in seconds."""

    @property
    def path(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def pid(self) -> int | None: ...
    @property
    def python(self) -> str: ...
    @property
    def starts(self) -> int: ...
    @property
    def restarts(self) -> int: ...
    @property
    def source_changed(self) -> bool: ...
    @property
    def calls(self) -> int: ...
    @property
    def ok(self) -> int: ...
    @property
    def errors(self) -> int: ...
    @property
    def timeouts(self) -> int: ...
    @property
    def crashed(self) -> int: ...
    @property
    def cancelled(self) -> int: ...
    @property
    def unavailable(self) -> int: ...
    @property
    def in_flight(self) -> int: ...
    @property
    def queued(self) -> int: ...
    @property
    def rss(self) -> int | None: ...
    @property
    def rss_peak(self) -> int | None: ...
    @property
    def cpu_seconds(self) -> float | None: ...
    @property
    def wait(self) -> Histogram: ...
    @property
    def run(self) -> Histogram: ...
    @property
    def functions(self) -> Sequence[FunctionView]: ...


class Plugins(Protocol):
    """Starts each debugtalk.py once and knows how all of them fare."""

    async def open(self, path: str | Path, environment: Mapping[str, str] = ...) -> Plugin:
        """Return the plugin of this path; raises PluginStartError."""
        ...

    def snapshots(self) -> Sequence[PluginView]: ...


class NoPlugins:
    """For cases without a debugtalk.py."""

    async def open(self, path: str | Path, environment: Mapping[str, str] | None = None) -> Plugin:
        raise LookupError(f"no plugin layer was given to run {path}")

    def snapshots(self) -> Sequence[PluginView]:
        return ()
