"""Decide when to restart a crashed process, and when to give up."""

from __future__ import annotations

import random

WINDOW = 60.0
MAX_RESTARTS = 3
JITTER = 0.2


class Crashes:
    """Counts crashes within the last 60 s. Times are seconds of any monotonic clock."""

    def __init__(self, backoff: float) -> None:
        self._backoff = backoff
        self._at: list[float] = []

    def add(self, now: float) -> float | None:
        """Count a crash; return the pause before the next start, or None to give up.

        The pause doubles with each crash and varies at random, so that several plugins that
        crash together do not restart together.
        """
        self._at = [*(at for at in self._at if now - at < WINDOW), now]
        if len(self._at) > MAX_RESTARTS:
            return None
        pause = self._backoff * 2.0 ** (len(self._at) - 1)
        return pause * random.uniform(1 - JITTER, 1 + JITTER)

    def __str__(self) -> str:
        return f"{len(self._at)} crashes within {WINDOW:g} s"
