"""One thing that was looked at, and what it means for a load test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`bad` spoils a run, `warn` limits it; `advice` says what to do then."""

    topic: str
    state: State
    found: str
    advice: str = ""


def judged(
    topic: str,
    value: float | None,
    steps: Sequence[tuple[float, State]],
    show: Callable[[float], str],
    advice: str,
) -> Finding:
    """Judge a number: the first step that it reaches gives the state, below all it is bad.

    None is without a limit, or not known on this system, and ok.
    """
    if value is None:
        return Finding(topic, "ok", "no limit")
    state: State = next((state for least, state in steps if value >= least), "bad")
    return Finding(topic, state, show(value), "" if state == "ok" else advice)
