"""Run a request step; everything that can be decided in advance is decided by compiling it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from typing import Any

from msgspec import Struct

from ..case.model import Config, RequestStep
from ..errors import StepFailed, failure_of
from ..http.agent import Agent
from ..http.request import Request
from ..http.response import Response
from ..measure.added import AddedLatency, Probe
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


def constant_request(make: Make) -> Make:
    """Return a `make` that serialises its request once, and again for a new base URL."""
    request: Request | None = None
    known: Any = None

    def made(scope: Mapping[str, Any]) -> Request:
        nonlocal request, known
        base = scope.get("base_url")
        if request is None or base is not known:
            request, known = make(scope), base
        return request

    return made


class CompiledRequest(Struct):
    """One request step. Either `make` or `build` makes its request; only `build` awaits.

    Where it `is_plain`, `plain_step.py` has a faster form of it.
    """

    series: StepSeries
    make: Make | None
    build: Build | None
    variables: Variables
    processors: Processors
    is_plain: bool
    keeper: Keeper | None
    added: AddedLatency | None

    async def run(self, session: Session) -> None:
        """Run the step once; raises StepFailed after it has been counted."""
        counts = self.series.counts
        scope, request = await self._prepare(session)
        counts.issued += 1
        response = None
        try:
            response = await self._send(session, request, counts)
            await self._judge(session, request, response, scope)
        except asyncio.CancelledError:
            counts.cancelled += 1
            raise
        except Exception as error:
            raise self._failed(error, session, request, response, scope, counts)  # noqa: B904
        counts.ok += 1
        if (keeper := self.keeper) is not None and response.elapsed > keeper.slow_above:
            keeper.add_slow(self.series, session, request, response, scope)

    async def _prepare(self, session: Session) -> tuple[dict[str, Any], Request]:
        """Return the scope and the request once it may be sent.

        Raises StepFailed after it has been counted.
        """
        scope = session.variables
        try:
            scope = await self.variables.evaluate(scope)
            make = self.make
            request = make(scope) if make is not None else await self._build(session, scope)
        except Exception as error:
            # The failure gets no local name here. The frame would refer to the failure and the
            # failure's traceback to the frame: a reference cycle for each failed request, which
            # only the garbage collector could free.
            raise self._not_sent(error, session, scope, self.series.counts)  # noqa: B904
        if session.limiter is not None:
            await session.limiter.take()
        return scope, request

    def _not_sent(
        self, error: Exception, session: Session, scope: Mapping[str, Any], counts: Counts
    ) -> StepFailed:
        """Count a step of which nothing was sent, and return its failure."""
        failure = self._offered(error, session, None, None, scope)
        return self.series.fail_unissued(failure, counts)

    def _failed(
        self,
        error: Exception,
        session: Session,
        request: Request,
        response: Response | None,
        scope: Mapping[str, Any],
        counts: Counts,
    ) -> StepFailed:
        """Count a step that failed, and return its failure."""
        return self.series.fail(self._offered(error, session, request, response, scope), counts)

    def _offered(
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
        except BaseException as error:
            self._count_broken(agent, counts, error)
            raise
        counts.latencies.append(response.elapsed)
        counts.bytes_in += len(response.content)
        counts.status[response.status] += 1
        self._count_more(session, counts, probe, response.elapsed)
        if session.ready_at is not None:
            counts.responses.append(perf_counter() - session.ready_at)
        return response

    def _count_more(
        self, session: Session, counts: Counts, probe: Probe | None, latency: float
    ) -> None:
        """Count what not every exchange has: a connect, a probe beside it."""
        if session.agent.connect_time:
            counts.connects.append(session.agent.connect_time)
        if probe is not None and self.added is not None:
            self.added.end(probe, latency)

    def _count_broken(self, agent: Agent, counts: Counts, error: BaseException) -> None:
        """Count the times of an exchange without a response."""
        # None if no byte was sent.
        if isinstance(error, StepFailed) and agent.latency is not None:
            counts.latencies.append(agent.latency)
        if agent.connect_time:
            counts.connects.append(agent.connect_time)

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
        make = constant_request(template.build) if template.is_constant else template.build
    return CompiledRequest(
        series=series,
        make=make,
        build=template.build_async if make is None else None,
        variables=variables,
        processors=processors,
        is_plain=is_open and not processors.awaits,
        keeper=context.keeper,
        added=context.added,
    )
