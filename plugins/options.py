"""Hold the options of plugin processes."""

from __future__ import annotations

from msgspec import Struct


class PluginOptions(Struct, frozen=True):
    """The options of plugin processes. Times are in seconds, `memory_cap` is in bytes.

    `python` is an interpreter or the folder of a virtual environment; None means the project's
    `.venv`, else `~/.hrp/venv`, else our own. `window` is the number of calls that are in a
    process at once; further calls wait.
    """

    python: str | None = None
    call_timeout: float = 30.0
    start_timeout: float = 30.0
    threads: int = 32
    memory_cap: int | None = None
    window: int = 1024
    backoff: float = 0.1
