"""This module reads numbers out of values: digits in a text count as a number."""

from __future__ import annotations

from math import isfinite
from typing import Any

from .text import shortened

# 115 days: a longer pause is a slip, and the run would never end by itself.
_LONGEST_PAUSE = 10_000_000
_MOST_TIMES = 1_000_000_000


def number(value: Any) -> int | float:
    """Return a number as it is, and the number that a text spells.

    Raises TypeError or ValueError for any other value.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        return float(value) if any(mark in value for mark in ".eE") else int(value)
    raise TypeError(f"not a number: {shortened(value, 50)}")


def number_or_zero(value: Any) -> int | float:
    """Take null for 0, as HttpRunner does in the functions that it has."""
    return 0 if value is None else number(value)


def finite(value: Any) -> float:
    """Return a value as a finite float; raises ValueError if it is none."""
    try:
        found = float(number(value))
    except (TypeError, ValueError, OverflowError):
        found = float("inf")
    if not isfinite(found):
        raise ValueError(f"not a number: {shortened(value, 50)}")
    return found


def times(value: Any) -> int:
    """Return how often to repeat, at least once; raises ValueError for no such number."""
    found = finite(value)
    if found > _MOST_TIMES:
        raise ValueError(f"{found:g} repetitions are too many")
    return max(1, int(found))


def pause(value: Any) -> float:
    """Return seconds to wait, at least 0; raises ValueError for a value that is no such time."""
    seconds = finite(value)
    if seconds > _LONGEST_PAUSE:
        raise ValueError(f"a pause of {seconds:g} s is too long")
    return max(0.0, seconds)
