"""Where failures of steps without a row of their own are counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..errors import failure_of
from ..measure.stats import Stats


@dataclass(frozen=True, slots=True)
class FailureRow:
    """The row of a step that issues no requests: it appears with the first failure."""

    stats: Stats
    case: str
    name: str
    type: str

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count whatever the block raises as not issued; raises it as a StepFailed."""
        try:
            yield
        except Exception as error:
            series = self.stats.step(self.case, self.name, self.type)
            # Without a name for the failure, as in the request step: no cycle with this frame.
            raise series.fail_unissued(failure_of(error), series.counts)  # noqa: B904
