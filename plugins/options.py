"""How plugin processes are run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PluginOptions:
    """How plugin processes are run; times in seconds, `memory_cap` in bytes.

    `python` is an interpreter or the folder of a virtual environment; None takes the project's
    `.venv`, else ours. `window` is how many calls one process holds at once; the rest wait.
    """

    python: str | None = None
    call_timeout: float = 30.0
    start_timeout: float = 30.0
    threads: int = 32
    memory_cap: int | None = None
    window: int = 1024
    backoff: float = 0.1
