"""Parse loads as users write them: durations, rates, sizes, stages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import inf, isfinite, isinf

from msgspec import Struct

from ..errors import UsageError
from .shape import ArrivalRate, Ramp, Shape, Stage, Stages

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?")
_RATE = re.compile(r"(\d+(?:\.\d+)?)/(ms|s|m|h)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([kmg]?)(?:i?b)?", re.IGNORECASE)
_SIZE_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_MOST_DEFAULT_USERS = 10_000
_DEFAULT_USERS_SECONDS = 10


def parse_duration(text: str) -> float:
    """Return seconds for `90`, `30s`, `1h30m`, `250ms`; raises ValueError."""
    parts = list(_PART.finditer(text))
    whole = "".join(part[0] for part in parts) == text.strip()
    if not parts or not whole or (len(parts) > 1 and any(part[2] is None for part in parts)):
        raise ValueError(f"not a duration: {text!r}; write 30s, 90, 250ms or 1h30m")
    seconds = sum(float(part[1]) * _UNITS[part[2] or "s"] for part in parts)
    if isinf(seconds):
        raise ValueError(f"not a duration: {text[:40]!r}: too long")
    return seconds


def parse_rate(text: str) -> float:
    """Return starts per second for `200/s`, `30/m`; raises ValueError."""
    found = _RATE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"not a rate: {text!r}; write 200/s or 30/m")
    rate = float(found[1]) / _UNITS[found[2]]
    if isinf(rate):
        raise ValueError(f"not a rate: {text[:40]!r}: too high")
    return rate


def parse_number(text: str) -> float:
    """Return a finite number; raises ValueError."""
    try:
        number = float(text)
    except ValueError:
        number = inf
    if not isfinite(number):
        raise ValueError(f"{text[:40]!r} is not a number")
    return number


def parse_size(text: str) -> int:
    """Return bytes for `512m`, `1g`, `1.5g`, units of 1024; raises ValueError."""
    found = _SIZE.fullmatch(text.strip())
    size = round(float(found[1]) * _SIZE_UNITS[found[2].lower()]) if found else 0
    if size <= 0:
        raise ValueError(f"not a size: {text!r}; write 512m or 1g")
    return size


def parse_increase(text: str) -> tuple[float, float] | None:
    """Parse HttpRunner's `200` or `200/10s` into (step, seconds); its `-1` (off) gives None.

    Raises ValueError for anything else.
    """
    if text.strip() == "-1":
        return None
    step, mark, period = text.partition("/")
    try:
        found = float(step), parse_duration(period) if mark else 1.0
    except ValueError:
        found = (0.0, 0.0)
    # Like HttpRunner, refuse a period without a unit.
    if min(found) <= 0 or period[-1:].isdigit():
        raise ValueError(f"not an increase: {text!r}; write 200 or 200/10s")
    return found


class WrittenStage(Struct, frozen=True):
    """One `--stage`. `target` is a number of users, or starts per second if `is_rate`."""

    duration: float
    target: float
    is_rate: bool


def parse_stage(text: str) -> WrittenStage:
    """Return the stage for `10s:50` (users) or `10s:50/s` (arrival rate); raises ValueError."""
    duration, mark, target = text.rpartition(":")
    if not mark or not target:
        raise ValueError(f"not a stage: {text!r}; write 10s:50 (users) or 10s:50/s (arrivals)")
    if "/" in target:
        return WrittenStage(parse_duration(duration), parse_rate(target), is_rate=True)
    if not target.isdigit():
        raise ValueError(f"not a number of users: {target!r} in stage {text!r}")
    return WrittenStage(parse_duration(duration), float(target), is_rate=False)


def shape_of(
    users: int | None,
    spawn_rate: float | None,
    stages: Sequence[WrittenStage],
    arrival_rate: float | None,
    max_users: int | None,
) -> Shape:
    """Return the shape that these flags describe; raises UsageError if they contradict."""
    if any(stage.is_rate for stage in stages) or arrival_rate is not None:
        return _open(users, spawn_rate, stages, arrival_rate, max_users)
    if max_users is not None:
        raise UsageError("--max-users goes with --arrival-rate", "use --users")
    if not stages:
        return Ramp(users or 1, spawn_rate)
    if spawn_rate is not None:
        raise UsageError("--spawn-rate and --stage contradict each other", "use stages only")
    return Stages(tuple(Stage(stage.duration, stage.target) for stage in stages), users or 0)


def _open(
    users: int | None,
    spawn_rate: float | None,
    stages: Sequence[WrittenStage],
    rate: float | None,
    max_users: int | None,
) -> ArrivalRate:
    if not all(stage.is_rate for stage in stages):
        raise UsageError("stages of users and of arrival rates cannot be mixed")
    if users is not None or spawn_rate is not None:
        raise UsageError(
            "--users and --spawn-rate are for closed loads and do not go with an arrival rate",
            "limit the users of an open load with --max-users",
        )
    peak = max([rate or 0.0, *(stage.target for stage in stages)])
    if peak <= 0:
        raise UsageError("an arrival rate must be above 0")
    default = min(_MOST_DEFAULT_USERS, max(1, round(peak * _DEFAULT_USERS_SECONDS)))
    return ArrivalRate(
        rate if rate is not None else 0.0,
        max_users if max_users is not None else default,
        tuple(Stage(stage.duration, stage.target) for stage in stages),
    )
