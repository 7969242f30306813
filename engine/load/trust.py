"""Say in words how far the times of a run are its own delays, and whether it can be trusted."""

from __future__ import annotations

from ..measure.health import HealthSnapshot

# Below this share of the 99th percentile, the generator's own delay is not worth a line.
_NOTABLE = 0.05
_NOTABLE_WAIT = 5.0
_NOTABLE_CPU = 80.0
_NOTABLE_LAG = 0.01


def doubt_of(health: HealthSnapshot) -> str | None:
    """Return what a reader of the figures must know about the generator; None if nothing."""
    if health.lost_seconds:
        return (
            f"the generator lost {health.bad_seconds} of {health.seconds} s: it stood still,"
            " started users too late, or found no free port or file"
        )
    error, tail = health.latency_error, health.latency_p99
    if error is None or tail is None or health.own_share < _NOTABLE:
        return None
    cause = _cause(health, error)
    if health.is_mostly_own:
        return f"{_ms(error)} of {_ms(tail)} ms at p99 may be the generator's own delay: {cause}"
    return f"times may be up to {_ms(error)} ms too high: {cause}"


def _cause(health: HealthSnapshot, error: float) -> str:
    if health.cpu_wait_mean >= _NOTABLE_WAIT:
        return f"other programs took the core for {health.cpu_wait_mean:.0f} % of the time"
    if health.cpu_mean > _NOTABLE_CPU:
        return f"it used {health.cpu_mean:.0f} % of its core"
    if health.lag.high > max(_NOTABLE_LAG, error):
        return f"its event loop was held up, for {_ms(health.lag.high)} ms at most"
    return "it takes that long to send a request and to notice its response"


def _ms(seconds: float) -> str:
    value = seconds * 1000
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}" if value >= 0.995 else f"{value:.2f}"
