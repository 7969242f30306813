"""Hold the state of one user's iteration: variables, HTTP agent, open transactions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Protocol

from ..errors import StepFailed
from ..http.agent import Agent
from ..http.websocket import WebSocket
from ..measure.samples import Sample
from .chance import Chance
from .functional_trace import Journal
from .memory import Memory


class Permits(Protocol):
    """Limits the rate of requests; `engine/load/limiter.py` is the one."""

    async def take(self) -> None: ...


class CompiledStep(Protocol):
    """A step that is ready to run. It counts its own failure before it raises StepFailed."""

    async def run(self, session: Session) -> None: ...


@dataclass(slots=True)
class Session:
    """The state of one user; most of it is renewed for each iteration.

    `variables` are those that expressions see: config, environment, the parameter row, and
    extracted values. A referenced case gets its own session with the same agent. In an open load
    the response time of the next request counts from `ready_at`. Steps of a functional run write
    into the `journal`. `sample` is that of the current request, if samples are recorded.
    `kept_rows` are the parameter rows that the user keeps, by case. `memory` is what the user
    keeps of the current case, if that has `once: user` steps; `memories` are those of all cases.
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
    memory: Memory | None = None
    memories: dict[str, Memory] = field(default_factory=dict)

    def child(self, variables: dict[str, Any]) -> Session:
        """Return the session of a referenced case; it shares all but the variables."""
        # One call by position: `dataclasses.replace` takes three times as long.
        return Session(
            self.agent,
            self.chance,
            variables,
            self.transactions,
            self.started_at,
            self.ready_at,
            self.limiter,
            self.journal,
            self.sample,
            self.sockets,
            self.kept_rows,
            self.memory,
            self.memories,
        )

    @property
    def counts_from(self) -> float:
        """When the iteration began (perf_counter), later by the time of its once steps."""
        return self.started_at + (0.0 if self.memory is None else self.memory.left_out)

    def leave_out(self, seconds: float) -> None:
        """Leave this time out of the iteration and of its open transactions."""
        if self.memory is not None:
            self.memory.left_out += seconds
        for name in self.transactions:
            self.transactions[name] += seconds

    @property
    def keeps_sockets(self) -> bool:
        """Whether a websocket stays open after this iteration."""
        given = () if self.memory is None else self.memory.given.values()
        return any(one.sockets for one in given)

    def recall(self, case: str) -> Memory:
        """Begin an iteration of a case with what the user keeps of it."""
        self.memory = memory = self.memories.setdefault(case, Memory())
        memory.begin(self.agent, self.sockets)
        return memory

    async def hang_up(self) -> None:
        """Close the websockets of the iteration; those that do not answer are cut off."""
        if self.memory is not None:
            for key in [key for key, one in self.sockets.items() if self.memory.keeps(one)]:
                del self.sockets[key]
        try:
            for socket in self.sockets.values():
                with suppress(StepFailed):
                    await socket.close(1000, 1.0)  # 1000: normal closure (RFC 6455, 7.4.1)
        finally:
            self.drop_sockets()

    async def leave(self) -> None:
        """Close the websockets that the user kept over all iterations."""
        kept = [one.sockets for memory in self.memories.values() for one in memory.given.values()]
        self.memory = None
        self.memories.clear()
        for sockets in kept:
            self.sockets.update(sockets)
            await self.hang_up()

    def drop_sockets(self) -> None:
        for socket in self.sockets.values():
            socket.abort()
        self.sockets.clear()

    def drop_kept(self) -> None:
        """Cut the websockets that the user kept over all iterations."""
        for memory in self.memories.values():
            memory.drop()


async def run_steps(steps: Iterable[CompiledStep], session: Session) -> None:
    """Run steps in order; raises StepFailed at the first step that fails.

    In an open load the response time of a step begins when the step before it ends.
    """
    for step in steps:
        await step.run(session)
        if session.ready_at is not None:
            session.ready_at = perf_counter()
