"""Keep the last seconds of a run, for rates that say what happens now."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping

from ..measure.snapshot import Slice

SECONDS = 10
Key = tuple[str, ...]


class RecentSeconds:
    """Holds the last ten whole seconds: with shards, those that every shard has delivered."""

    def __init__(self) -> None:
        self._slices: deque[Slice] = deque(maxlen=SECONDS)

    def add(self, ended: Slice) -> None:
        self._slices.append(ended)

    def last(self) -> float | None:
        """Return the requests that ended in the last second; None before there is one."""
        return _ended(self._slices[-1]) if self._slices else None

    def mean(self) -> float | None:
        """Return the requests per second over all of them; None before there is one."""
        return sum(map(_ended, self._slices)) / len(self._slices) if self._slices else None

    def by_row(self) -> Mapping[Key, float] | None:
        """Return the ok requests per second of each step, and the ok spans of each transaction.

        None before there is a second.
        """
        if not self._slices:
            return None
        sums: Counter[Key] = Counter()
        for ended in self._slices:
            sums.update({step.key: step.ok for step in ended.steps if step.ok})
            sums.update({span.key: span.ok for span in ended.transactions if span.ok})
        return {key: number / len(self._slices) for key, number in sums.items()}


def _ended(ended: Slice) -> float:
    return ended.second.ok + ended.second.failed
