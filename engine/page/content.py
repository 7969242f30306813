"""Collect the data of a run's page: its report, its slices, and the kept requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, takewhile
from operator import itemgetter
from typing import Any

import orjson

from ..output.format import harmless_lines
from ..record.reading import Record
from ..report.doubt import doubt_in
from ..report.failures import text_of
from ..report.headline import headline_of, reason_of
from .slices import ErrorKey, error_key, slices_of, timeline_of

_MOST_SLICES = 300
_MOST_TIMELINE = 3_000_000
_MOST_SAMPLES = 1_000_000


def content_of(record: Record) -> bytes:
    """Return the data of the page as JSON of limited size; raises UsageError.

    Control characters in text from outside are escaped.
    """
    report = {name: part for name, part in record.report.items() if name != "seconds"}
    samples = list(record.samples())
    shown = _first(samples, _MOST_SAMPLES)
    state, headline = headline_of(report)
    parts = {
        "headline": {"state": state, "text": headline, "reason": reason_of(report)},
        "doubt": doubt_in(report),
        "report": report,
        "origin": record.origin.get("origin", {}),
        "samples": shown,
        "samples_left_out": len(samples) - len(shown),
        "failures": [text_of(error) for error in report["errors"]],
    }
    return _joined(orjson.dumps(harmless(parts)), _timeline(record))


def _timeline(record: Record) -> bytes:
    """Return the slices as JSON; if there are too many, fewer and longer ones."""
    report = record.report
    errors = [error_key(error) for error in report["errors"]]
    length = max(1, -(-len(report["seconds"]) // _MOST_SLICES))
    while len(data := _sliced(record, length, errors)) > _MOST_TIMELINE:
        # Slices of n times the length need about an nth of the room.
        length *= -(-len(data) // _MOST_TIMELINE)
    return data


def _sliced(record: Record, length: int, errors: Sequence[ErrorKey]) -> bytes:
    slices = list(slices_of(record.seconds(), length))
    timeline = timeline_of(slices, errors, record.report["warmup"]["duration"])
    return orjson.dumps({"length": length, **harmless(timeline)})


def _joined(parts: bytes, timeline: bytes) -> bytes:
    return parts[:-1] + b',"timeline":' + timeline + b"}"


def _first(samples: Sequence[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """Return as many samples as fit: the first of every kind comes before the second of any."""
    ordered = [sample for _, sample in sorted(_ranked(samples), key=itemgetter(0))]
    sizes = accumulate(len(orjson.dumps(sample)) for sample in ordered)
    fitting = takewhile(lambda pair: pair[0] <= most, zip(sizes, ordered, strict=True))
    return [sample for _, sample in fitting]


def _ranked(samples: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield each sample with the number of samples of its kind before it."""
    seen = Counter[tuple[Any, ...]]()
    for sample in samples:
        kind = tuple(sample.get(name) for name in ("why", "kind", "detail", "case", "step"))
        yield seen[kind], sample
        seen[kind] += 1


def harmless(value: Any) -> Any:
    """Return plain values whose texts have their control characters escaped."""
    if isinstance(value, str):
        return value if value.isascii() and value.isprintable() else harmless_lines(value)
    if isinstance(value, Mapping):
        return {harmless(name): harmless(item) for name, item in value.items()}
    if isinstance(value, Iterable):
        return [harmless(item) for item in value]
    return value
