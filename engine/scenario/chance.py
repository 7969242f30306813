"""Give each user its own random numbers."""

from __future__ import annotations

import random


class Chance:
    """The random numbers of one user. The same seed gives the same ones, whatever others do.

    The generator is created on first use, because its 2.5 kB are more than the rest of a user.
    """

    __slots__ = ("_random", "_seed")

    def __init__(self, seed: float) -> None:
        self._seed = seed
        self._random: random.Random | None = None

    def uniform(self, low: float, high: float) -> float:
        """Return a number between `low` and `high`, all equally likely."""
        if self._random is None:
            self._random = random.Random(self._seed)
        return self._random.uniform(low, high)
