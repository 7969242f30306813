"""Keep the seconds of a run as JSON for viewers who come late, in limited room."""

from __future__ import annotations

import orjson
from msgspec.structs import replace

from ..page.content import harmless
from ..page.slices import PageSlice, Reached, timeline_of
from ..record.seconds import RecordedSecond

_MOST = 300


class Past:
    """The slices of a run so far, each as JSON with the columns of the page's timeline.

    After 300 slices the next ones cover two seconds each, after 300 more four, and so on: the room
    they take grows with the logarithm of the time. Counts and percentiles stay exact.
    """

    def __init__(self, warmup: float) -> None:
        self._warmup = warmup
        self._whole: list[bytes] = []
        self._length = 1
        # The seconds of the slice that is not complete yet, and each as a slice of its own.
        self._group: list[RecordedSecond] = []
        self._single: list[bytes] = []
        self._before = self._reached = Reached()

    @property
    def slices(self) -> list[bytes]:
        return [*self._whole, *self._single]

    def add(self, second: RecordedSecond) -> bytes:
        """Add a second, and return it as a slice."""
        if self._group and (self._group[0].t < 0) != (second.t < 0):
            self._close()
        kept = _copied(second)
        one = PageSlice.over([kept], self._reached)
        self._reached = one.after
        data = self._encoded(one)
        self._group.append(kept)
        self._single.append(data)
        if len(self._group) == self._length:
            self._close()
        return data

    def _close(self) -> None:
        """End the slice that is not complete."""
        if len(self._group) == 1:
            self._whole += self._single
        else:
            self._whole.append(self._encoded(PageSlice.over(self._group, self._before)))
        self._group, self._single, self._before = [], [], self._reached
        if len(self._whole) >= _MOST * self._length.bit_length():
            self._length *= 2

    def _encoded(self, one: PageSlice) -> bytes:
        columns = timeline_of([one], (), self._warmup)
        new = one.after.errors - one.before.errors
        errors = [[key, number] for key, number in new.items()]
        return orjson.dumps(harmless({**columns, "errors": errors}))


def _copied(second: RecordedSecond) -> RecordedSecond:
    """Return the second with histograms of its own: the engine goes on using empty ones."""
    steps = tuple(row.copy() for row in second.steps)
    spans = tuple(row.copy() for row in second.transactions)
    return replace(second, steps=steps, transactions=spans)
