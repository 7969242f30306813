"""Run a request step; everything that can be decided in advance is decided by compiling it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from ..case.model import Config, RequestStep
from ..errors import StepFailed, failure_of
from ..http.request import Request
from ..http.response import Response
from ..measure.added import AddedLatency
from ..measure.series import Counts, StepSeries
from ..values.extraction import ResponseView
from ..values.variables import Variables
from .context import CompileContext
from .hooks import request_views, run_setup, run_teardown
from .kept import Keeper
from .processors import Processors, compile_processors
from .request_builder import RequestTemplate
from .session import Session
from .static_scope import StaticScope

Make = Callable[[Mapping[str, Any]], Request]
Build = Callable[[Mapping[str, Any]], Awaitable[Request]]


class ConstantRequest:
    """Makes the same request each time; it is serialised once, and again for a new base URL."""

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
    """One request step. Either `make` or `build` makes its request; only `build` awaits.

    Most steps of a load need no await besides the request, so they take shorter ways: a step
    that `is_plain` has no variables and no extractions, and a step that `judges_now` awaits
    nothing after its response.
    """

    series: StepSeries
    make: Make | None
    build: Build | None
    variables: Variables
    processors: Processors
    is_plain: bool
    judges_now: bool
    keeper: Keeper | None
    added: AddedLatency | None

    async def run(self, session: Session) -> None:
        """Run the step once; raises StepFailed after it has been counted."""
        series = self.series
        counts = series.counts
        scope = session.variables
        try:
            if not self.is_plain:
                variables = self.variables
                scope = (
                    await variables.evaluate(scope)
                    if variables.awaits
                    else variables.evaluate_now(scope)
                )
            if self.make is not None:
                request = self.make(scope)
            else:
                request = await self._build(session, scope)
        except Exception as error:
            # The failure gets no local name here. The frame would refer to the failure and the
            # failure's traceback to the frame: a reference cycle for each failed request, which
            # only the garbage collector could free.
            raise series.fail_unissued(  # noqa: B904
                self._failed(error, session, None, None, scope), counts
            )
        if session.limiter is not None:
            await session.limiter.take()
        counts.issued += 1
        response = None
        try:
            response = await self._send(session, request, counts)
            if self.judges_now:
                self.processors.judge_now(session, response, scope)
            else:
                await self._judge(session, request, response, scope)
        except asyncio.CancelledError:
            counts.cancelled += 1
            raise
        except Exception as error:
            raise series.fail(  # noqa: B904
                self._failed(error, session, request, response, scope), counts
            )
        counts.ok += 1
        if (keeper := self.keeper) is not None and response.elapsed > keeper.slow_above:
            keeper.add_slow(series, session, request, response, scope)

    def _failed(
        self,
        error: Exception,
        session: Session,
        request: Request | None,
        response: Response | None,
        scope: Mapping[str, Any],
    ) -> StepFailed:
        """Return the failure, and offer it to the keeper."""
        failure = failure_of(error)
        if self.keeper is not None:
            self.keeper.add_failure(failure, self.series, session, request, response, scope)
        return failure

    async def _build(self, session: Session, scope: dict[str, Any]) -> Request:
        assert self.build is not None
        if session.journal is not None:
            await session.journal.name(scope)
        request = await self.build(scope)
        if self.processors.setup_hooks:
            request = await run_setup(self.processors.setup_hooks, self.series.name, request, scope)
        if session.journal is not None:
            trace = session.journal.current
            trace.request = request
            trace.cookies = session.agent.cookies_for(request.url, request.cookies)
        return request

    async def _send(self, session: Session, request: Request, counts: Counts) -> Response:
        agent = session.agent
        added = self.added
        probe = None
        if added is not None and added.is_next():
            probe = added.probe(self.series, agent)
        try:
            response = await agent.send(request)
        except StepFailed:
            if agent.latency is not None:  # None if no byte was sent
                counts.latencies.append(agent.latency)
            raise
        finally:
            if agent.connect_time:
                counts.connects.append(agent.connect_time)
        counts.latencies.append(response.elapsed)
        if added is not None and probe is not None:
            added.end(probe, response.elapsed)
        if session.ready_at is not None:
            counts.responses.append(perf_counter() - session.ready_at)
        counts.bytes_in += len(response.content)
        counts.status[response.status] += 1
        return response

    async def _judge(
        self, session: Session, request: Request, response: Response, scope: dict[str, Any]
    ) -> None:
        if session.journal is not None:
            session.journal.current.response = response
            session.journal.current.elapsed = response.elapsed
        seen: ResponseView = response
        if hooks := self.processors.teardown_hooks:
            about = request_views(request, self.series.name)
            seen = await run_teardown(hooks, about, response, scope)
        await self.processors.judge(session, seen, scope)


def compile_request(
    step: RequestStep,
    config: Config,
    scope: StaticScope,
    context: CompileContext,
    series: StepSeries,
) -> CompiledRequest | None:
    """Compile a request step; returns None if it has a problem, which the scope keeps."""
    variables = scope.variables(step)
    inside = scope.within(step)
    template = RequestTemplate.compile(step, config, context, inside)
    processors = compile_processors(step, inside)
    if template is None:
        return None
    # A functional run records every request, and only `_build` does that.
    is_open = not processors.setup_hooks and not context.traced
    make: Make | None = None
    if is_open and not template.awaited:
        make = ConstantRequest(template.build) if template.is_constant else template.build
    judges_now = not processors.awaits and not context.traced
    return CompiledRequest(
        series=series,
        make=make,
        build=template.build_async if make is None else None,
        variables=variables,
        processors=processors,
        is_plain=is_open and variables.is_empty and judges_now and not processors.extractions,
        judges_now=judges_now,
        keeper=context.keeper,
        added=context.added,
    )
