"""Estimate how far a figure would move if the same run were repeated.

The method is the bootstrap (Efron, 1979): draw slices with replacement many times, and compute
the figure of each draw. The spread of these values is the noise.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from math import hypot, inf, log, sqrt
from statistics import NormalDist, stdev

from msgspec import Struct

from .figures import Figure, Row, Weights

_DRAWS = 300
# A percentile is known only to its bucket, 0.4 % either way. The standard deviation of a uniform
# distribution is its half width divided by the root of 3.
_RESOLUTION = 0.004 / sqrt(3)


class Estimate(Struct, frozen=True):
    """A figure and its standard error. Unless it is a share, the error is of its logarithm."""

    value: float
    error: float
    slices: int


def draws(slices: int, seed: int) -> list[Weights]:
    """Return how often each slice counts in each draw.

    The same arguments give the same draws, so that comparing two runs again gives the same
    verdict.
    """
    chance = random.Random(seed)
    found: list[Weights] = []
    for _ in range(_DRAWS):
        drawn = Counter(chance.choices(range(slices), k=slices))
        found.append([drawn[index] for index in range(slices)])
    return found


def estimate(row: Row, figure: Figure, drawn: list[Weights]) -> Estimate | None:
    """Return the estimate of a figure, None if the row has too few values for it."""
    slices = len(drawn[0])
    value = figure.value(row, [1] * slices) if figure.known(row) else None
    if value is None or (value <= 0 and not figure.is_share):
        return None
    scale = _scale(figure)
    again = [figure.value(row, weights) for weights in drawn]
    moved = [scale(one) for one in again if one is not None and (figure.is_share or one > 0)]
    if len(moved) < len(drawn) / 2:
        return None
    # The variance of bootstrap draws of n slices is too small by the factor (n - 1) / n.
    error = stdev(moved) * sqrt(slices / (slices - 1))
    return Estimate(value, error if figure.is_share else hypot(error, _RESOLUTION), slices)


def interval(
    figure: Figure, one: Estimate, other: Estimate, level: float
) -> tuple[float, float, float]:
    """Return the change from one to the other, and the ends of its confidence interval.

    For shares that is their difference, for other figures the difference of their logarithms.
    """
    scale = _scale(figure)
    change = scale(other.value) - scale(one.value)
    error = hypot(one.error, other.error)
    reach = student(level, _freedom(one, other)) * error if error else 0.0
    return change, change - reach, change + reach


def student(level: float, freedom: float) -> float:
    """Return the two-sided quantile of Student's t (Abramowitz and Stegun, 26.7.5)."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def _freedom(one: Estimate, other: Estimate) -> float:
    """Return Welch's degrees of freedom: the two runs may differ in noise and length."""
    parts = [(side.error**2, side.slices - 1) for side in (one, other)]
    below = sum(variance**2 / slices for variance, slices in parts)
    return sum(variance for variance, _ in parts) ** 2 / below if below else inf


# Latencies and rates vary by factors, and their logarithms nearly symmetrically, as Student's t
# assumes. A share may be 0, which has no logarithm.
def _scale(figure: Figure) -> Callable[[float], float]:
    return float if figure.is_share else log
