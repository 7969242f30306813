"""What one iteration of one user knows: its variables, its HTTP agent, its open transactions."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from ..http.agent import Agent


@dataclass(slots=True)
class Session:
    """State of one user, begun anew for each iteration.

    `variables` is what expressions see: config, environment, the parameter row, and whatever
    was extracted. A referenced case gets a session of its own over the same agent.
    """

    agent: Agent
    random: random.Random
    variables: dict[str, Any] = field(default_factory=dict)
    transactions: dict[str, float] = field(default_factory=dict)
    started_at: float = 0.0

    def child(self, variables: dict[str, Any]) -> Session:
        return Session(self.agent, self.random, variables, self.transactions, self.started_at)
