"""Keep some requests in full: the first failures of each kind, and the slowest of the run."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count, islice
from typing import Any

from msgspec import Struct

from ..errors import StepFailed
from ..http.brief import BriefRequest, BriefResponse
from ..http.request import Request
from ..http.response import Response
from ..measure.series import StepSeries
from ..values.text import beginning
from .session import Session

_EACH = 3
_MOST_FAILURES = 100
_SLOWEST = 5
_MOST_VARIABLES = 100
# Four times what a sample shows of a value: masking may shorten it.
_MOST_VALUE = 2_000


class Kept(Struct, frozen=True):
    """One kept request. Times are in seconds; `at` counts from the beginning of the load.

    `kind`, `detail` and `message` describe its failure; they are empty if it was only slow.
    `request` is None if it could not be built, `response` if none came. Only the beginning of
    each large value is kept, so that no large body or variable is copied, or lives on with it.
    """

    at: float
    case: str
    step: str
    kind: str
    detail: str
    message: str
    latency: float | None
    request: BriefRequest | None
    response: BriefResponse | None
    variables: Mapping[str, Any]


class Keeper:
    """Keeps requests of one run. Callers offer requests slower than `slow_above` seconds.

    A value that cannot be copied costs the sample, never the request or the run.
    """

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self.elapsed = elapsed
        self.slow_above = 0.0
        self._kinds: Counter[tuple[str, str, str, str]] = Counter()
        self._failures: list[Kept] = []
        self._slow: list[tuple[float, int, Kept]] = []
        self._numbers = count()

    def add_failure(
        self,
        failure: StepFailed,
        series: StepSeries,
        session: Session,
        request: Request | None,
        response: Response | None,
        variables: Mapping[str, Any],
    ) -> None:
        """Keep a failed request if it is one of the first of its kind in its step."""
        key = (series.case, series.name, failure.kind, failure.detail)
        if self._kinds[key] >= _EACH or self._kinds.total() >= _MOST_FAILURES:
            return
        self._kinds[key] += 1
        with suppress(Exception):
            kept = _kept(self.elapsed(), series, session, request, response, variables, failure)
            self._failures.append(kept)

    def add_slow(
        self,
        series: StepSeries,
        session: Session,
        request: Request,
        response: Response,
        variables: Mapping[str, Any],
    ) -> None:
        """Keep a slow request; it replaces the fastest of the kept ones if these are enough."""
        with suppress(Exception):
            self._add_slow(_kept(self.elapsed(), series, session, request, response, variables))

    def _add_slow(self, kept: Kept) -> None:
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


def _kept(
    at: float,
    series: StepSeries,
    session: Session,
    request: Request | None,
    response: Response | None,
    variables: Mapping[str, Any],
    failure: StepFailed | None = None,
) -> Kept:
    """Return a small copy of the request's state."""
    agent = session.agent
    return Kept(
        at=at,
        case=series.case,
        step=series.name,
        kind=failure.kind if failure else "",
        detail=failure.detail if failure else "",
        message=failure.message if failure else "",
        latency=None if request is None else agent.latency,
        request=None if request is None else BriefRequest.of(request, agent.cookies),
        response=None if response is None else BriefResponse.of(response),
        variables={
            name: beginning(value, _MOST_VALUE)
            for name, value in islice(variables.items(), _MOST_VARIABLES)
        },
    )
