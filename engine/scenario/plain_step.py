"""Run a request step that awaits nothing but its response, as most steps of a load are.

This is the way of almost every request, so a line of it costs as much as a function elsewhere:
one coroutine per step, no copies, and lists and integers to count with. All other steps go the
general way of `request_step.py`; both count the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from ..values.expressions import Scope
from ..values.extraction import ResponseView
from .request_step import CompiledRequest, Make
from .session import Session


@dataclass(slots=True)
class PlainRequest(CompiledRequest):
    """A request step that has no hooks, calls no plugin and is neither traced nor recorded."""

    made: Make
    has_variables: bool
    extract: tuple[tuple[str, Callable[[ResponseView, Scope], Any]], ...]
    check: tuple[Callable[[ResponseView, Scope], None], ...]

    @classmethod
    def over(cls, step: CompiledRequest) -> PlainRequest:
        """Return the step in this form; it must be plain."""
        assert step.make is not None
        extractions, checks = step.processors.extractions, step.processors.checks
        return cls(
            made=step.make,
            has_variables=not step.variables.is_empty,
            extract=tuple((name, one.value) for name, one in extractions.items()),
            check=tuple(one.run for one in checks),
            **{one.name: getattr(step, one.name) for one in fields(step)},
        )

    async def run(self, session: Session) -> None:  # noqa: C901
        """Run the step once; raises StepFailed after it has been counted."""
        counts = self.series.counts
        scope = session.variables
        try:
            if self.has_variables:
                scope = self.variables.evaluate_now(scope)
            request = self.made(scope)
        except Exception as error:
            # No local name for the failure: see CompiledRequest.run.
            raise self._not_sent(error, session, scope, counts)  # noqa: B904
        if session.limiter is not None:
            await session.limiter.take()
        counts.issued += 1
        agent, added = session.agent, self.added
        response = probe = None
        try:
            # As `is_next` does.
            if added is not None:
                added.left -= 1
                if added.left <= 0:
                    probe = added.probe(self.series, agent)
            try:
                first = await agent.begin(request)
                target = agent.end(request, first)
                response = first if target is None else await agent.follow(target)
            except BaseException as error:
                agent.fail(request)
                self._count_broken(agent, counts, error)
                raise
            # As `_send` does in the general way.
            latency = response.elapsed
            counts.latencies.append(latency)
            counts.bytes_in += len(response.content)
            counts.status[response.status] += 1
            if agent.connect_time or session.ready_at is not None or probe is not None:
                self._count_more(session, counts, probe, latency)
            for name, value in self.extract:
                scope[name] = session.variables[name] = value(response, scope)
            for check in self.check:
                check(response, scope)
        except asyncio.CancelledError:
            counts.cancelled += 1
            raise
        except Exception as error:
            raise self._failed(error, session, request, response, scope, counts)  # noqa: B904
        counts.ok += 1
        if (keeper := self.keeper) is not None and latency > keeper.slow_above:
            keeper.add_slow(self.series, session, request, response, scope)
