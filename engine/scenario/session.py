"""What one iteration of one user knows: its variables, its HTTP agent, its open transactions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any, Protocol

from ..errors import StepFailed
from ..http.agent import Agent
from ..http.websocket import WebSocket
from ..measure.samples import Sample
from .chance import Chance
from .functional_trace import Journal


class Permits(Protocol):
    """Paces requests; see the load."""

    async def take(self) -> None: ...


class CompiledStep(Protocol):
    """Runs one step of one iteration; raises StepFailed after it has been counted."""

    async def run(self, session: Session) -> None: ...


@dataclass(slots=True)
class Session:
    """State of one user, begun anew for each iteration.

    `variables` is what expressions see: config, environment, the parameter row, and whatever
    was extracted. A referenced case gets a session of its own over the same agent. In an open
    load `ready_at` is the moment from which the next request's response time counts; in a
    functional run the steps write into the `journal`; a recorded run has the `sample` of the
    request under way. `kept_rows` are the parameter rows that the user keeps, by case.
    """

    agent: Agent
    chance: Chance
    variables: dict[str, Any] = field(default_factory=dict)
    transactions: dict[str, float] = field(default_factory=dict)
    started_at: float = 0.0
    ready_at: float | None = None
    limiter: Permits | None = None
    journal: Journal | None = None
    sample: Sample | None = None
    sockets: dict[str, WebSocket] = field(default_factory=dict)
    kept_rows: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def child(self, variables: dict[str, Any]) -> Session:
        return replace(self, variables=variables)

    async def hang_up(self) -> None:
        """Close the websockets of the iteration; one that does not answer is cut."""
        try:
            for socket in self.sockets.values():
                with suppress(StepFailed):
                    await socket.close(1000, 1.0)
        finally:
            self.drop_sockets()

    def drop_sockets(self) -> None:
        for socket in self.sockets.values():
            socket.abort()
        self.sockets.clear()


async def run_steps(steps: Iterable[CompiledStep], session: Session) -> None:
    """Run steps in order; where one ends, the response time of the next begins.

    Raises StepFailed from the first step that fails.
    """
    for step in steps:
        await step.run(session)
        if session.ready_at is not None:
            session.ready_at = perf_counter()
