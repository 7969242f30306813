"""What one iteration of one user knows: its variables, its HTTP agent, its open transactions."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ..http.agent import Agent


class Permits(Protocol):
    """Paces requests; see the load."""

    async def take(self) -> None: ...


@dataclass(slots=True)
class Session:
    """State of one user, begun anew for each iteration.

    `variables` is what expressions see: config, environment, the parameter row, and whatever
    was extracted. A referenced case gets a session of its own over the same agent. In an open
    load `ready_at` is the moment from which the next request's response time counts.
    """

    agent: Agent
    random: random.Random
    variables: dict[str, Any] = field(default_factory=dict)
    transactions: dict[str, float] = field(default_factory=dict)
    started_at: float = 0.0
    ready_at: float | None = None
    limiter: Permits | None = None

    def child(self, variables: dict[str, Any]) -> Session:
        return replace(self, variables=variables)
