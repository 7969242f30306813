"""Show the curve of a search for the limit: a row per trial, and the limit found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import asdict

from ..load.bottleneck import limit_of
from ..load.load_run import Outcome
from ..load.shape import Load
from ..output.json_text import ms_of
from .headline import why_of

HEAD = "      starts/s   req/s  p50 ms     p95     p99 errors  drop limited by"
_PERCENTS = (50, 95, 99)


def point_of(rate: float, load: Load, outcome: Outcome) -> dict[str, Any]:
    """Return one point of the curve.

    A rate `held` if every threshold passed, no start was dropped, and the unique rows sufficed.
    """
    snapshot = outcome.snapshot
    times = snapshot.total.latency.percentiles(_PERCENTS)
    broken = [verdict.expression for verdict in outcome.verdicts if not verdict.passed]
    if outcome.stopped_by == "data":
        broken.append("the unique rows were used up")
    return {
        "rate_per_second": rate,
        "requests_per_second": snapshot.total.ok / max(snapshot.measured, 1e-9),
        **{f"p{percent}_ms": ms_of(time) for percent, time in zip(_PERCENTS, times, strict=True)},
        "error_rate": snapshot.accounting.error_rate,
        "dropped": snapshot.iterations.dropped,
        "limited_by": limit_of(snapshot, outcome.health, outcome.plugins, load).name,
        "broken": broken,
        "failures": why_of([asdict(error) for error in snapshot.errors]),
        "held": not broken and not snapshot.iterations.dropped,
    }


def line_of(point: Mapping[str, Any]) -> str:
    """Return the point as a line of text under `HEAD`."""
    times = "".join(f"{point[f'p{percent}_ms'] or 0:8.2f}" for percent in _PERCENTS)
    mark = "held  " if point["held"] else "broken"
    return (
        f"{mark}{point['rate_per_second']:8.1f}{point['requests_per_second']:8.0f}{times}"
        f"{point['error_rate'] or 0:7.1%}{point['dropped']:6} {point['limited_by']}"
        + (f"  {', '.join(point['broken'])}" if point["broken"] else "")
    )


def conclusion(found: float | None, points: Sequence[Mapping[str, Any]]) -> str:
    """Return the result of the search in one line; `found` is None if no rate held."""
    if found is None:
        failures = points[-1]["failures"] if points else None
        return "no rate held" + (f": {failures}" if failures else "")
    above = [point for point in points if not point["held"] and point["rate_per_second"] > found]
    if not above:
        return f"limit: at least {found:.1f} starts/s, the highest rate that was tried"
    lowest = min(above, key=lambda point: float(point["rate_per_second"]))
    rate, limited_by = lowest["rate_per_second"], lowest["limited_by"]
    return f"limit: {found:.1f} starts/s; {rate:.1f} did not hold, limited by {limited_by}"
