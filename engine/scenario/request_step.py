"""A request step that only runs: everything that could be decided was decided before."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from ..errors import StepFailed
from ..http.request import Request
from ..http.response import Response
from ..measure.stats import Counts, StepSeries
from ..values.assertions import Check
from ..values.extraction import Extraction
from ..values.variables import Variables
from .hooks import CompiledHook, run_setup, run_teardown
from .session import Session

Build = Callable[[Mapping[str, Any]], Awaitable[Request]]


class ConstantRequest:
    """Makes the same request each time: serialised once, and again if the base URL changes."""

    __slots__ = ("_base", "_make", "_request")

    def __init__(self, make: Callable[[Mapping[str, Any]], Request]) -> None:
        self._make = make
        self._base: Any = None
        self._request: Request | None = None

    def __call__(self, scope: Mapping[str, Any]) -> Request:
        base = scope.get("base_url")
        if self._request is None or base is not self._base:
            self._request = self._make(scope)
            self._base = base
        return self._request


@dataclass(slots=True)
class CompiledRequest:
    """One request step. Exactly one of `constant` and `build` makes its request."""

    series: StepSeries
    constant: ConstantRequest | None
    build: Build | None
    variables: Variables
    setup_hooks: Sequence[CompiledHook] = ()
    teardown_hooks: Sequence[CompiledHook] = ()
    extractions: Mapping[str, Extraction] = field(default_factory=dict)
    checks: Sequence[Check] = ()
    is_plain: bool = False

    async def run(self, session: Session) -> None:
        """Run the step once; raises StepFailed after it has been counted."""
        series = self.series
        counts = series.counts
        try:
            scope = session.variables
            if not self.is_plain:
                scope = await self.variables.evaluate(scope)
            request = self.constant(scope) if self.constant is not None else None
            if request is None:
                request = await self._build(scope)
        except StepFailed as failure:
            series.fail_unissued(failure, counts)
            raise
        if session.limiter is not None:
            await session.limiter.take()
        counts.issued += 1
        try:
            response = await self._send(session, request, counts)
            if self.is_plain:
                for check in self.checks:
                    check.run(response, scope)
            else:
                await self._judge(session, request, response, scope)
        except StepFailed as failure:
            series.fail(failure, counts)
            raise
        except asyncio.CancelledError:
            counts.cancelled += 1
            raise
        counts.ok += 1

    async def _build(self, scope: dict[str, Any]) -> Request:
        assert self.build is not None
        request = await self.build(scope)
        if self.setup_hooks:
            request = await run_setup(self.setup_hooks, request, scope)
        return request

    async def _send(self, session: Session, request: Request, counts: Counts) -> Response:
        agent = session.agent
        try:
            response = await agent.send(request)
        except StepFailed:
            if agent.latency is not None:
                counts.latencies.append(agent.latency)
            raise
        finally:
            if agent.connect_time:
                counts.connects.append(agent.connect_time)
        counts.latencies.append(response.elapsed)
        if session.ready_at is not None:
            counts.responses.append(perf_counter() - session.ready_at)
        counts.bytes_in += len(response.content)
        return response

    async def _judge(
        self, session: Session, request: Request, response: Response, scope: dict[str, Any]
    ) -> None:
        if self.teardown_hooks:
            await run_teardown(self.teardown_hooks, request, response, scope)
        for name, extraction in self.extractions.items():
            value = (
                await extraction.value_async(response, scope)
                if extraction.awaits
                else extraction.value(response, scope)
            )
            # The step's own checks see it, and so does every later step.
            scope[name] = session.variables[name] = value
        for check in self.checks:
            if check.awaits:
                await check.run_async(response, scope)
            else:
                check.run(response, scope)
