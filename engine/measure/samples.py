"""Single requests, for who wants each of them and not only their numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from uuid import uuid4


@dataclass(slots=True)
class Sample:
    """One request. Times are seconds, `start` since the load began; None is "came not so far".

    `kind` is `ok`, that of the failure (with its `detail`), or `cancelled`.
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
    """Gives each request an id that no other run has, and its sample to `take`.

    `header` is the name of the header that carries the id, None where none does.
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
        self._run = uuid4().hex[:12]
        self._numbers = count(1)

    def begin(self, case: str, step: str) -> Sample:
        """Return the sample of a request that is about to be sent."""
        return Sample(f"{self._run}-{next(self._numbers)}", case, step, self._elapsed())

    def end(self, sample: Sample) -> None:
        """Hand over the sample of a request that has ended."""
        if self._take is not None:
            self._take(sample)
