"""Count failures of steps that send no requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from ..errors import StepFailed, failure_of
from ..measure.stats import Stats


class FailureRow(Struct, frozen=True):
    """The report's row for a step that sends no requests; it appears with the first failure."""

    stats: Stats
    case: str
    name: str
    type: str

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count an exception of the body as not issued, and raise it as StepFailed."""
        try:
            yield
        except Exception as error:
            # The failure gets no local name: it would make a reference cycle, see request_step.
            raise self.failed(error)  # noqa: B904

    def failed(self, error: Exception) -> StepFailed:
        """Count an exception as not issued; return it as the failure to raise."""
        series = self.stats.step(self.case, self.name, self.type)
        return series.fail_unissued(failure_of(error), series.counts)
