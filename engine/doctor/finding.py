"""Describe one finding about the machine, and what it means for a load test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct

State = Literal["ok", "warn", "bad"]


class Finding(Struct, frozen=True):
    """A finding. `bad` spoils a run, `warn` limits it; `advice` says what to do about it."""

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
    """Judge a number. `steps` are lower limits with states, the highest first; below all is bad.

    None means that there is no limit, or that it is unknown on this system; that is ok.
    """
    if value is None:
        return Finding(topic, "ok", "no limit")
    state: State = next((state for least, state in steps if value >= least), "bad")
    return Finding(topic, state, show(value), "" if state == "ok" else advice)
