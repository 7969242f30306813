"""Merge the same second of several shards into one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from ..measure.histogram import Histogram, merged
from ..measure.snapshot import (
    BANDS,
    Second,
    Slice,
    StepSnapshot,
    TransactionSnapshot,
    merged_steps,
    merged_transactions,
    sum_steps,
)
from .account import Arrived


def sum_of(t: int, arrived: Sequence[Arrived]) -> tuple[Slice, Histogram]:
    """Return the same second of several shards as one, and its latencies."""
    rows = [one.rows for one in arrived]
    steps = merged_steps(chain.from_iterable(one.steps for one in rows))
    warmups = [one.warmup for one in rows if one.warmup is not None]
    warmup = sum_steps(warmups) if warmups else None
    latency = merged(row.latency for row in (*steps, *warmups))
    seconds = [one.second for one in arrived]
    middle, high, tail = latency.percentiles((50, 95, 99))
    second = Second(
        t,
        sum(one.users for one in seconds),
        sum(one.issued for one in seconds),
        sum(one.ok for one in seconds),
        sum(one.failed for one in seconds),
        middle,
        tail,
        sum(one.plugins or 0 for one in seconds),
        max((one.lag for one in seconds if one.lag is not None), default=None),
        latency.bands(BANDS),
        high,
    )
    spans = merged_transactions(chain.from_iterable(one.transactions for one in rows))
    return Slice(second, steps, warmup, spans), latency


def parts_of(
    one: Slice,
) -> tuple[tuple[StepSnapshot, ...], StepSnapshot | None, tuple[TransactionSnapshot, ...]]:
    """Return copies of a second's rows: steps, warm-up, transactions."""
    warmup = None if one.warmup is None else one.warmup.copy()
    steps = tuple(row.copy() for row in one.steps)
    return steps, warmup, tuple(row.copy() for row in one.transactions)
