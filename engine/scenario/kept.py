"""Keep some requests in full: the first failures of each kind, and the slowest of the run."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from ..errors import StepFailed
from ..http.cookies import Pairs
from ..http.request import Request
from ..http.response import Response
from ..measure.series import StepSeries
from .session import Session

# Few: a kept request holds its body, its response and all variables.
_EACH = 3
_MOST_FAILURES = 100
_SLOWEST = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """One kept request. Times are in seconds; `at` counts from the beginning of the load.

    `kind`, `detail` and `message` describe its failure; they are empty if it was only slow.
    `request` is None if it could not be built, `response` if none came.
    """

    at: float
    case: str
    step: str
    kind: str
    detail: str
    message: str
    latency: float | None
    request: Request | None
    cookies: Pairs
    response: Response | None
    variables: Mapping[str, Any]


class Keeper:
    """Keeps requests of one run. Callers offer requests slower than `slow_above` seconds."""

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self.elapsed = elapsed
        self.slow_above = 0.0
        self._kinds: Counter[tuple[str, str, str, str]] = Counter()
        self._failures: list[Kept] = []
        self._slow: list[tuple[float, int, Kept]] = []
        self._numbers = count()

    def wants(self, series: StepSeries, failure: StepFailed) -> bool:
        """Count this failure; return whether it is one of the first of its kind in its step."""
        key = (series.case, series.name, failure.kind, failure.detail)
        if self._kinds[key] >= _EACH or self._kinds.total() >= _MOST_FAILURES:
            return False
        self._kinds[key] += 1
        return True

    def add_failure(self, kept: Kept) -> None:
        self._failures.append(kept)

    def add_slow(self, kept: Kept) -> None:
        """Keep a slow request; it replaces the fastest of the kept ones if these are enough."""
        # The number decides between equal latencies: requests themselves cannot be compared.
        entry = (kept.latency or 0.0, next(self._numbers), kept)
        if len(self._slow) < _SLOWEST:
            heapq.heappush(self._slow, entry)
        else:
            heapq.heapreplace(self._slow, entry)
        if len(self._slow) == _SLOWEST:
            self.slow_above = self._slow[0][0]

    def take_failures(self) -> list[Kept]:
        """Return the failures that were kept since the last call."""
        taken, self._failures = self._failures, []
        return taken

    def slowest(self) -> list[Kept]:
        """Return the slowest requests so far, the slowest first."""
        return [kept for _, _, kept in sorted(self._slow, reverse=True)]


def kept_of(
    at: float,
    series: StepSeries,
    session: Session,
    request: Request | None,
    response: Response | None,
    variables: Mapping[str, Any],
    failure: StepFailed | None = None,
) -> Kept:
    """Return a copy of the request's state, for a keeper."""
    return Kept(
        at=at,
        case=series.case,
        step=series.name,
        kind=failure.kind if failure else "",
        detail=failure.detail if failure else "",
        message=failure.message if failure else "",
        latency=None if request is None else session.agent.latency,
        request=request,
        cookies=session.agent.cookies if request is not None else (),
        response=response,
        variables=dict(variables),
    )
