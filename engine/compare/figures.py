"""Compute the figures that are compared, for any weighting of a run's slices."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache, partial
from math import inf
from operator import mul

from msgspec import Struct

from ..measure.histogram import Histogram
from ..measure.snapshot import StepSnapshot

# How often each slice was drawn, and therefore counts.
Weights = Sequence[int]

# A percentile is compared only if at least this many values lie above it, in enough slices:
# otherwise single requests decide it.
_FEWEST_BEYOND = 10
_FEWEST_SLICES = 5


class Spread:
    """The times of a row, prepared for computing percentiles under hundreds of weightings.

    It holds cumulative counts per bucket, so that a percentile needs only a few sums.
    """

    def __init__(self, histograms: Sequence[Histogram]) -> None:
        buckets = sorted(set[int]().union(*(one.counts for one in histograms)))
        self._values = [_value(bucket) for bucket in buckets]
        self._below: list[list[int]] = []
        running = [0] * len(histograms)
        for bucket in buckets:
            new = (one.counts.get(bucket, 0) for one in histograms)
            running = [before + here for before, here in zip(running, new, strict=True)]
            self._below.append(running)

    def percentile(self, weights: Weights, percent: float) -> float | None:
        """Return the nearest-rank percentile in seconds, None without values."""
        count = _sum(weights, self._below[-1]) if self._below else 0
        if not count:
            return None
        place = bisect_left(self._below, count * percent / 100, key=partial(_sum, weights))
        return self._values[place]

    def has(self, percent: float) -> bool:
        """Return whether there are enough values for this percentile."""
        counts = self._below[-1] if self._below else []
        filled = sum(count > 0 for count in counts)
        return filled >= _FEWEST_SLICES and sum(counts) * (100 - percent) / 100 >= _FEWEST_BEYOND


class Row:
    """The slices of one step, or of the total, of one run."""

    def __init__(self, slices: Sequence[StepSnapshot | None], widths: Sequence[float]) -> None:
        self._widths = widths
        self._ok = [0 if one is None else one.ok for one in slices]
        self._failed = [0 if one is None else one.failed + one.not_issued for one in slices]
        self.latency = Spread([Histogram() if one is None else one.latency for one in slices])
        self.response = Spread([Histogram() if one is None else one.response for one in slices])

    def rate(self, weights: Weights) -> float | None:
        """Return ok requests per second."""
        seconds = _sum(weights, self._widths)
        return _sum(weights, self._ok) / seconds if seconds else None

    def error_rate(self, weights: Weights) -> float | None:
        """Return the share of failures, 0..1; cancelled requests are left out."""
        failed = _sum(weights, self._failed)
        ended = failed + _sum(weights, self._ok)
        return failed / ended if ended else None


class Figure(Struct, frozen=True):
    """A figure to compare. `known` says whether a row has enough data for it.

    Shares are compared by their difference, everything else by its ratio. A change below `least`
    is too small to matter, so it counts as no difference even if it is certain. `percent` is that
    of a percentile of times.
    """

    name: str
    value: Callable[[Row, Weights], float | None]
    known: Callable[[Row], bool]
    is_share: bool = False
    more_is_better: bool = False
    least: float = 0.05
    percent: float | None = None


def _latency(percent: float) -> Figure:
    return Figure(
        f"p{percent:g}",
        lambda row, weights: row.latency.percentile(weights, percent),
        lambda row: row.latency.has(percent),
        percent=percent,
    )


def _response(percent: float) -> Figure:
    return Figure(
        f"response p{percent:g}",
        lambda row, weights: row.response.percentile(weights, percent),
        lambda row: row.response.has(percent),
        percent=percent,
    )


FIGURES = (
    Figure("rate", Row.rate, lambda _: True, more_is_better=True),
    Figure("error_rate", Row.error_rate, lambda _: True, is_share=True, least=0.001),
    *map(_latency, (50, 95, 99)),
    *map(_response, (95, 99)),
)


def _sum(weights: Weights, values: Sequence[float]) -> float:
    total: float = sum(map(mul, weights, values))
    return total


@cache
def _value(bucket: int) -> float:
    return Histogram(Counter({bucket: 1}), 1, low=0.0, high=inf).percentile(50) or 0.0
