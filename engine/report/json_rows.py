"""Turn steps, transactions and seconds into plain values for the JSON report and the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..measure.histogram import Histogram
from ..measure.snapshot import Second, StepSnapshot, TransactionSnapshot, sum_steps
from ..output.json_text import ms_of

_PERCENTS = (50.0, 90.0, 95.0, 99.0, 99.9)


def rows_of(
    steps: Sequence[StepSnapshot],
    transactions: Sequence[TransactionSnapshot],
    duration: float,
) -> dict[str, Any]:
    """Return the rows of a report; rates are per second of `duration`."""
    return {
        "steps": [
            {"case": step.case, "name": step.name, "type": step.type, **_step(step, duration)}
            for step in steps
        ],
        "transactions": [_transaction(row) for row in transactions],
        "total": _step(sum_steps(steps), duration),
    }


def warmup_of(duration: float, total: StepSnapshot | None) -> dict[str, Any]:
    """Return the warm-up part of a report; `total` is None if there was no warm-up."""
    return {"duration": duration, "total": None if total is None else _step(total, 0.0)}


def second_as_dict(second: Second) -> dict[str, Any]:
    """Return one entry of the report's timeline."""
    return {
        "t": second.t,
        "users": second.users,
        "issued": second.issued,
        "ok": second.ok,
        "failed": second.failed,
        "p50_ms": ms_of(second.p50),
        "p99_ms": ms_of(second.p99),
        "plugins": second.plugins,
        "lag_ms": ms_of(second.lag),
    }


def times_of(histogram: Histogram) -> dict[str, float | int | None]:
    """Return a histogram as the report's object of milliseconds (every `*_ms` key)."""
    p50, p90, p95, p99, p999 = histogram.percentiles(_PERCENTS)
    known = histogram.count > 0
    return {
        "count": histogram.count,
        "min": ms_of(histogram.low if known else None),
        "mean": ms_of(histogram.mean),
        "p50": ms_of(p50),
        "p90": ms_of(p90),
        "p95": ms_of(p95),
        "p99": ms_of(p99),
        "p999": ms_of(p999),
        "max": ms_of(histogram.high if known else None),
    }


def status_of(step: StepSnapshot) -> dict[str, int]:
    """Return the number of responses by status code, in the order of the codes."""
    return {str(code): step.status[code] for code in sorted(step.status)}


def _step(step: StepSnapshot, duration: float) -> dict[str, Any]:
    return {
        "issued": step.issued,
        "ok": step.ok,
        "failed": step.failed,
        "cancelled": step.cancelled,
        "not_issued": step.not_issued,
        "rate": round(step.ok / duration, 3) if duration > 0 else 0.0,
        "bytes_in": step.bytes_in,
        "status": status_of(step),
        "latency_ms": times_of(step.latency),
        "response_ms": times_of(step.response) if step.response.count else None,
        "connect_ms": times_of(step.connect),
    }


def _transaction(row: TransactionSnapshot) -> dict[str, Any]:
    return {
        "case": row.case,
        "name": row.name,
        "ok": row.ok,
        "failed": row.failed,
        "interrupted": row.interrupted,
        "duration_ms": times_of(row.duration),
    }
