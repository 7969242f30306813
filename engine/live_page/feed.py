"""Tell the viewers of a running load test what is new, one event per second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson

from ..measure.snapshot import Slice, StepSnapshot, TransactionSnapshot
from ..page.content import harmless
from ..page.slices import error_key
from ..record.seconds import RecordedSecond
from ..report.doubt import doubt_in
from ..report.failures import text_of
from ..report.headline import headline_of
from ..report.json_report import in_order
from ..report.json_rows import second_as_dict
from .parts import Parts, json_array, json_object
from .past import Past

# A viewer that is so many events (seconds) behind does not read.
_MOST_WAITING = 30
_MOST_SAMPLES = 1_000_000
# The parts of a report that the page computes from the slices, or that are known at the end.
_AT_THE_END = ("exit_code", "parameters", "total", "seconds", "samples")


class Viewer:
    """One open page: the events that it has not been sent yet; ends after the run's last."""

    def __init__(self, drop: Callable[[], None]) -> None:
        self._drop = drop
        self._waiting = asyncio.Queue[bytes | None](_MOST_WAITING)

    async def events(self) -> AsyncIterator[bytes]:
        """Yield the events as they come."""
        while (event := await self._waiting.get()) is not None:
            yield event

    def take(self, event: bytes | None) -> None:
        """Take an event, None for the end; a viewer who does not read is dropped."""
        try:
            self._waiting.put_nowait(event)
        except asyncio.QueueFull:
            self._drop()


class Feed:
    """Takes what a run's record takes, and makes one event of each second for all viewers."""

    def __init__(self, warmup: float, state: Callable[[], str]) -> None:
        self._warmup = warmup
        self._state = state
        self._past = Past(warmup)
        self._report: dict[str, Any] = {}
        self._report_parts, self._page_parts = Parts(), Parts()
        self._samples: list[bytes] = []
        self._new_samples: list[bytes] = []
        self._samples_size = 0
        self._failures = -1
        self._viewers: set[Viewer] = set()

    def begin(self, origin: Mapping[str, Any]) -> None:
        """Take what is known before the load."""
        known = {name: part for name, part in origin.items() if name not in ("origin", "so_far")}
        later: dict[str, Any] = {**dict.fromkeys(_AT_THE_END), "steps": [], "transactions": []}
        warmup = {"duration": self._warmup, "total": None}
        self._report = in_order({**known, **origin["so_far"], **later, "warmup": warmup})
        self._report_parts.update(self._report)
        nothing: dict[str, Any] = {"failures": [], "error_keys": []}
        self._page_parts.update({"origin": origin["origin"], **nothing, **self._words()})

    def take(self, ended: Slice, elapsed: float, progress: Mapping[str, Any]) -> None:
        """Take one second, and the report's `progress` at its end."""
        self._report |= progress
        told = dict(progress)
        failures = sum(error["count"] for error in told["errors"])
        if failures == self._failures:
            del told["errors"]
        self._failures = failures
        data = self._past.add(_second(ended, elapsed, told))
        report = self._report_parts.update(told)
        page = self._page_parts.update({**self._words(), **_failures(told)})
        new, self._new_samples = self._new_samples, []
        self._tell(_event("second", report, page, [data], new))

    def add_samples(self, samples: Iterable[Mapping[str, Any]]) -> None:
        """Take requests that were kept in full; of very many only the first."""
        for sample in samples:
            data = orjson.dumps(harmless(sample))
            if self._samples_size + len(data) < _MOST_SAMPLES:
                self._samples_size += len(data)
                self._samples.append(data)
                self._new_samples.append(data)

    def end(self, page: bytes) -> None:
        """Send the page of the run that has ended to all viewers."""
        self._tell(b"event: end\ndata: %s\n\n" % orjson.dumps(page.decode()))

    def close(self) -> None:
        """Let all viewers go, once they have read what they were sent."""
        self._tell(None)

    @contextmanager
    def viewer(self, drop: Callable[[], None]) -> Iterator[Viewer]:
        """Yield a new viewer, who gets all so far at once.

        `drop` is called if it does not read what it is sent.
        """
        viewer = Viewer(drop)
        report, page = self._report_parts.whole, self._page_parts.whole
        viewer.take(_event("begin", report, page, self._past.slices, self._samples))
        self._viewers.add(viewer)
        try:
            yield viewer
        finally:
            self._viewers.discard(viewer)

    def _words(self) -> dict[str, Any]:
        state, text = headline_of(self._report)
        headline = {"state": state, "text": text, "reason": None}
        return {"headline": headline, "doubt": doubt_in(self._report), "state": self._state()}

    def _tell(self, event: bytes | None) -> None:
        for viewer in self._viewers:
            viewer.take(event)


def _second(ended: Slice, elapsed: float, so_far: Mapping[str, Any]) -> RecordedSecond:
    """Return the second as from a record: without rows in which nothing happened."""
    numbers = second_as_dict(ended.second)
    steps = tuple(row for row in ended.steps if _happened(row))
    spans = tuple(row for row in ended.transactions if _happened(row))
    return RecordedSecond(ended.second.t, numbers, elapsed, steps, None, spans, so_far)


def _happened(row: StepSnapshot | TransactionSnapshot) -> bool:
    if isinstance(row, TransactionSnapshot):
        return bool(row.ok or row.failed or row.interrupted)
    return bool(row.issued or row.ok or row.failed or row.cancelled or row.not_issued)


def _failures(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the words and the keys of the failures, if there are new ones."""
    if "errors" not in told:
        return {}
    errors = told["errors"]
    return {"failures": list(map(text_of, errors)), "error_keys": list(map(error_key, errors))}


def _event(
    name: str, report: bytes, page: bytes, slices: list[bytes], samples: list[bytes]
) -> bytes:
    data = json_object(
        {
            "report": report,
            "page": page,
            "slices": json_array(slices),
            "samples": json_array(samples),
        }
    )
    return b"event: %s\ndata: %s\n\n" % (name.encode(), data)
