"""The same second of several shards as one, and rows that nobody else changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from ..measure.histogram import Histogram, merged
from ..measure.snapshot import (
    BANDS,
    Second,
    Slice,
    StepSnapshot,
    TransactionSnapshot,
    sum_steps,
)
from .account import Arrived


def sum_of(t: int, arrived: Sequence[Arrived]) -> tuple[Slice, Histogram]:
    """Return the same second of several shards as one, and its latencies."""
    rows = [one.rows for one in arrived]
    steps = _steps(chain.from_iterable(one.steps for one in rows))
    warmups = [one.warmup for one in rows if one.warmup is not None]
    warmup = sum_steps(warmups) if warmups else None
    latency = merged(row.latency for row in (*steps, *warmups))
    seconds = [one.second for one in arrived]
    middle, tail = latency.percentiles((50, 99))
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
    )
    spans = _spans(chain.from_iterable(one.transactions for one in rows))
    return Slice(second, steps, warmup, spans), latency


def _steps(rows: Iterable[StepSnapshot]) -> tuple[StepSnapshot, ...]:
    groups: dict[tuple[str, str, str], list[StepSnapshot]] = {}
    for row in rows:
        groups.setdefault((row.case, row.name, row.type), []).append(row)
    return tuple(
        replace(sum_steps(group), case=case, name=name, type=type_)
        for (case, name, type_), group in groups.items()
    )


def _spans(rows: Iterable[TransactionSnapshot]) -> tuple[TransactionSnapshot, ...]:
    groups: dict[tuple[str, str], list[TransactionSnapshot]] = {}
    for row in rows:
        groups.setdefault((row.case, row.name), []).append(row)
    return tuple(
        TransactionSnapshot(
            *key,
            sum(row.ok for row in group),
            sum(row.failed for row in group),
            sum(row.interrupted for row in group),
            merged(row.duration for row in group),
        )
        for key, group in groups.items()
    )


def parts_of(
    one: Slice,
) -> tuple[tuple[StepSnapshot, ...], StepSnapshot | None, tuple[TransactionSnapshot, ...]]:
    """Return copies of a second's rows: steps, warm-up, transactions."""
    spans = tuple(replace(row, duration=row.duration.copy()) for row in one.transactions)
    warmup = None if one.warmup is None else copy_of(one.warmup)
    return tuple(map(copy_of, one.steps)), warmup, spans


def copy_of(row: StepSnapshot) -> StepSnapshot:
    """Return the row with histograms of its own."""
    return replace(
        row,
        latency=row.latency.copy(),
        connect=row.connect.copy(),
        response=row.response.copy(),
    )


def no_requests(case: str, name: str, type_: str) -> StepSnapshot:
    """Return the row of a step that nobody has asked for."""
    return replace(sum_steps(()), case=case, name=name, type=type_)
