"""What is left to chance in the life of one user."""

from __future__ import annotations

import random


class Chance:
    """A user's own random numbers, the same for the same seed whatever other users do.

    The generator is made when it is first asked: it takes more memory than the rest of a user.
    """

    __slots__ = ("_random", "_seed")

    def __init__(self, seed: float) -> None:
        self._seed = seed
        self._random: random.Random | None = None

    def uniform(self, low: float, high: float) -> float:
        """Return a number between these, each as likely as the other."""
        if self._random is None:
            self._random = random.Random(self._seed)
        return self._random.uniform(low, high)
