"""End each second of a run: collect its numbers, and check what may have to stop the run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from math import ceil

from ..measure.health import Health
from ..measure.snapshot import Slice
from ..measure.stats import Stats
from ..scenario.plugin import Plugins
from .notices import Notices

# The times of a whole second, a hundred thousand of them, would hold up the loop for too long.
_FOLD_SECONDS = 0.1


class Timeline:
    """Ticks once a second. The warm-up has negative seconds: a warm-up of 3 s is -3, -2, -1.

    `take` gets the slice of each second. After it the `watches` are called, which may stop the
    run.
    """

    def __init__(
        self,
        warmup: float,
        stats: Stats,
        health: Health,
        plugins: Plugins,
        notices: Notices,
        take: Callable[[Slice], None],
        watches: Sequence[Callable[[], None]],
    ) -> None:
        self._warmup = warmup
        self._stats = stats
        self._health = health
        self._plugins = plugins
        self._notices = notices
        self._take = take
        self._watches = watches
        self._second = -ceil(warmup) if warmup else 1
        self._faults = 0

    async def tick(self) -> None:
        """End one second after the other until cancelled."""
        while True:
            second = self._second
            ends_at = self._warmup + (second + 1 if second < 0 else second)
            # Ends are computed from the start of the run: sleeping 1 s each time would drift.
            while (left := ends_at - self._stats.elapsed()) > 0:
                await asyncio.sleep(min(left, _FOLD_SECONDS))
                self._stats.fold()
            self._end(-left)
            if second == -1:
                self._stats.end_warmup()
                self._health.end_warmup()
            self._second = 1 if second == -1 else second + 1
            for watch in self._watches:
                watch()

    def end(self) -> None:
        """End the last, partial second, so that the seconds add up to the whole run."""
        self._end(0.0)

    def _end(self, late: float) -> None:
        before = self._faults
        self._faults = self._stats.iterations.late + self._stats.errors.own_faults
        lag = self._health.end_second(late, self._stats.second_latency(), self._faults - before)
        alive = sum(view.pid is not None for view in self._plugins.snapshots())
        self._notices.look()
        self._take(self._stats.end_second(self._second, alive, lag))
