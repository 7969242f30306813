"""Turn one second of a run into plain values for a file, and back, without rounding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from ..measure.histogram import Histogram
from ..measure.snapshot import Slice, StepSnapshot, TransactionSnapshot

_STEP = StepSnapshot.__struct_fields__
_TRANSACTION = TransactionSnapshot.__struct_fields__
_NO_NUMBERS = ("record", "elapsed", "steps", "warmup", "transactions", "so_far")
_TIMES = ("latency", "connect", "response", "duration")


class RecordedSecond(Struct, frozen=True):
    """One recorded second: its numbers in the report's timeline, and its rows.

    `t` is negative in the warm-up. `warmup` counts requests that ended in this second but began
    in the warm-up. `so_far` holds the parts of the report that change, as of the second's end.
    """

    t: int
    numbers: Mapping[str, Any]
    elapsed: float
    steps: tuple[StepSnapshot, ...]
    warmup: StepSnapshot | None
    transactions: tuple[TransactionSnapshot, ...]
    so_far: Mapping[str, Any]


def slice_as_dict(one: Slice) -> dict[str, Any]:
    """Return the rows of a slice, without those in which nothing happened."""
    return {
        "steps": _rows(one.steps, _STEP),
        "warmup": None if one.warmup is None else _row(one.warmup, _STEP),
        "transactions": _rows(one.transactions, _TRANSACTION),
    }


def second_of(line: Mapping[str, Any]) -> RecordedSecond:
    """Return the second in a line; raises KeyError, TypeError or ValueError if it holds none."""
    return RecordedSecond(
        t=line["t"],
        numbers={name: value for name, value in line.items() if name not in _NO_NUMBERS},
        elapsed=line["elapsed"],
        steps=tuple(_step_of(row) for row in line["steps"]),
        warmup=None if line["warmup"] is None else _step_of(line["warmup"]),
        transactions=tuple(
            TransactionSnapshot(**_values(row, _TRANSACTION)) for row in line["transactions"]
        ),
        so_far=line["so_far"],
    )


def _step_of(row: Mapping[str, Any]) -> StepSnapshot:
    return StepSnapshot(**_values(row, _STEP))


def _rows(
    rows: Iterable[StepSnapshot | TransactionSnapshot], names: tuple[str, ...]
) -> list[dict[str, Any]]:
    return [data for row in rows if _happened(data := _row(row, names))]


def _row(row: StepSnapshot | TransactionSnapshot, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the row without zeros and empty histograms, which are most of its values."""
    data = {name: getattr(row, name) for name in names}
    for name in set(_TIMES) & data.keys():
        data[name] = data[name].as_dict() if data[name].count else None
    if statuses := data.get("status"):
        data["status"] = {str(code): number for code, number in statuses.items()}
    return {name: value for name, value in data.items() if value or isinstance(value, str)}


def _happened(row: Mapping[str, Any]) -> bool:
    return any(not isinstance(value, str) for value in row.values())


def _values(data: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    values: dict[str, Any] = {name: data.get(name, 0) for name in names}
    for name in set(_TIMES) & values.keys():
        values[name] = Histogram.from_dict(values[name]) if values[name] else Histogram()
    if "status" in values:
        # Records from before status codes were counted have none.
        values["status"] = {int(code): count for code, count in (values["status"] or {}).items()}
    return values
