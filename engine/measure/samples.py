"""Record single requests, for `--samples` and `--id-header`."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from uuid import uuid4

from msgspec import Struct


class Sample(Struct):
    """One request. Times are seconds, `start` counts from the beginning of the load.

    A time is None if the request did not get that far. `kind` is `ok`, `cancelled`, or the kind
    of its failure.
    """

    id: str
    case: str
    step: str
    start: float
    kind: str = "cancelled"
    detail: str = ""
    latency: float | None = None
    response: float | None = None
    connect: float | None = None
    status: int | None = None


class Recorder:
    """Gives each request a globally unique id, and passes its sample to `take` at its end.

    `header` is the name of the request header that carries the id, None to send none.
    """

    def __init__(
        self,
        elapsed: Callable[[], float],
        header: str | None = None,
        take: Callable[[Sample], None] | None = None,
    ) -> None:
        self.header = header
        self._elapsed = elapsed
        self._take = take
        # A server's log may hold ids of several runs, so the numbers alone would not do.
        self._run = uuid4().hex[:12]
        self._numbers = count(1)
        self._open: dict[str, Sample] = {}

    def begin(self, case: str, step: str) -> Sample:
        """Return the sample of a request that is about to be sent."""
        sample = Sample(f"{self._run}-{next(self._numbers)}", case, step, self._elapsed())
        self._open[sample.id] = sample
        return sample

    def end(self, sample: Sample) -> None:
        """Pass on the sample of a request that has ended."""
        self._open.pop(sample.id, None)
        if self._take is not None:
            self._take(sample)

    def cut(self) -> None:
        """Pass on all requests that have not ended, as cancelled."""
        for sample in list(self._open.values()):
            self.end(sample)
