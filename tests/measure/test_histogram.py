"""Test the histogram: it loses no value, and percentiles are within 0.4 %."""

from __future__ import annotations

import math
import random

import pytest
from boomtalk.engine.measure.histogram import Histogram
from hypothesis import given
from hypothesis import strategies as st

times = st.lists(st.floats(min_value=0, max_value=1e5, allow_subnormal=False), min_size=1)


def nearest_rank(values: list[float], percent: float) -> float:
    return sorted(values)[max(1, math.ceil(len(values) * percent / 100)) - 1]


def filled(values: list[float]) -> Histogram:
    histogram = Histogram()
    histogram.add(values)
    return histogram


@given(times, st.floats(min_value=0.1, max_value=100))
def test_a_percentile_is_within_four_tenths_of_a_percent(
    values: list[float], percent: float
) -> None:
    found = filled(values).percentile(percent)
    assert found == pytest.approx(nearest_rank(values, percent), rel=0.004, abs=1e-30)


@given(times, times)
def test_merging_equals_counting_everything_in_one(first: list[float], second: list[float]) -> None:
    merged = filled(first)
    merged.merge(filled(second))
    whole = filled(first + second)
    assert merged.counts == whole.counts
    assert (merged.count, merged.low, merged.high) == (whole.count, whole.low, whole.high)
    assert merged.total == pytest.approx(whole.total)


@given(times, st.integers(1, 300))
def test_a_value_may_be_counted_many_times_at_once(values: list[float], often: int) -> None:
    at_once = Histogram()
    for value in values:
        at_once.repeat(value, often)
    one_by_one = filled(values * often)
    assert at_once.counts == one_by_one.counts
    assert (at_once.count, at_once.low) == (one_by_one.count, one_by_one.low)
    assert at_once.high == one_by_one.high
    assert at_once.total == pytest.approx(one_by_one.total)


@given(times)
def test_a_file_keeps_every_count(values: list[float]) -> None:
    histogram = filled(values)
    assert Histogram.from_dict(histogram.as_dict()) == histogram


def test_a_lognormal_load_keeps_its_tail() -> None:
    chance = random.Random(7)
    values = [chance.lognormvariate(-5, 1.5) for _ in range(50_000)]
    histogram = filled(values)
    for percent in (1, 50, 90, 95, 99, 99.9, 99.99):
        found = histogram.percentile(percent)
        assert found == pytest.approx(nearest_rank(values, percent), rel=0.004)


def test_extremes_are_counted_and_stay_extremes() -> None:
    histogram = filled([0.0, -0.001, 1e-7, 86_400.0])
    assert histogram.count == 4
    assert histogram.high == 86_400.0
    assert histogram.percentile(100) == pytest.approx(86_400.0, rel=0.004)
    assert histogram.low == 0.0


def test_without_values_nothing_is_known() -> None:
    histogram = Histogram()
    assert histogram.percentile(99) is None
    assert histogram.mean is None
    assert Histogram.from_dict(histogram.as_dict()) == histogram
