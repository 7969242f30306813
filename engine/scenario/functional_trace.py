"""Record every step of a functional run: its request, response, checks and failure."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from msgspec import Struct, field

from ..errors import StepFailed
from ..http.cookies import Pairs
from ..http.request import Request
from ..http.websocket import Answer
from ..values.assertions import CheckResult
from ..values.expressions import Scope
from .titles import Title


class Trace(Struct):
    """The record of one step. `elapsed` is a request's latency, else the step's duration.

    `failure` is None for a step that passed; `started_at` is seconds since 1970. `sent` is what
    a websocket action sent; `cookies` are all that went with a request. `missing` says of each
    extraction that is null where it ended.
    """

    name: str
    type: str
    started_at: float
    elapsed: float = 0.0
    request: Request | None = None
    cookies: Pairs = ()
    sent: Mapping[str, Any] | None = None
    response: Answer | None = None
    checks: list[CheckResult] = field(default_factory=list)
    extracted: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    failure: StepFailed | None = None
    skipped: bool = False

    @property
    def passed(self) -> bool:
        return self.failure is None


class Journal(Struct):
    """Collects the traces of one parameter row, in the order in which the steps ended.

    `tell` is called with each trace. With `keeps_going` the next step runs after a failure.
    `suffix` is appended to the names of steps in a repetition.
    """

    keeps_going: bool = False
    tell: Callable[[Trace], None] = lambda trace: None
    traces: list[Trace] = field(default_factory=list)
    current: Trace = field(default_factory=lambda: Trace("", "", 0.0))
    suffix: str = ""
    _title: Title | None = None

    @contextmanager
    def suffixed(self, more: str) -> Iterator[None]:
        """Append `more` to the suffix of step names while the body of the `with` runs."""
        before = self.suffix
        self.suffix = before + more
        try:
            yield
        finally:
            self.suffix = before

    def begin(self, trace: Trace, title: Title) -> None:
        """Make `trace` the current one: its step begins now."""
        self.current = trace
        self._title = title

    async def name(self, scope: Scope) -> None:
        """Render the name of the current step again, now that its own variables are known."""
        if self._title is not None and self._title.reads_own:
            self.current.name = await self._title.render(scope) + self.suffix

    def end(self, trace: Trace) -> None:
        self.traces.append(trace)
        self.tell(trace)

    def skip(self, name: str, type_: str) -> None:
        self.end(Trace(name + self.suffix, type_, time.time(), skipped=True))

    def has_told(self, failure: StepFailed) -> bool:
        return any(trace.failure is failure for trace in self.traces)
