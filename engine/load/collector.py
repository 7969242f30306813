"""Keep garbage collection from pausing the load."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct, field

# 10,000 objects between scans of the young generation; 100,000 of these scans before one of
# the middle generation, which is practically never.
_QUIET = (10_000, 100_000, 1_000)


class _Collector(Struct):
    """The collector of this process: how many runs keep it quiet, and what it was like before.

    Its thresholds are global. Runs may overlap, and the first one to end must neither wake it
    under the others nor leave it quiet for good.
    """

    runs: int = 0
    before: tuple[int, int, int] = (0, 0, 0)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def hush(self) -> None:
        with self.lock:
            if not self.runs:
                self.before = gc.get_threshold()
                gc.collect()
                gc.set_threshold(*_QUIET)
            self.runs += 1

    def wake(self) -> None:
        with self.lock:
            self.runs -= 1
            if not self.runs:
                gc.set_threshold(*self.before)


_collector = _Collector()


@contextmanager
def quiet_collector() -> Iterator[None]:
    """Make garbage collections short and rare while the body of the `with` runs.

    With the default thresholds Python would scan the objects of all users again and again: a
    tenth of a second with 10,000 users. But requests make no reference cycles. So young objects
    are scanned in small lots of a few milliseconds, and older ones almost never; those that exist
    at the start become old at once. What the caller has frozen stays so.
    """
    _collector.hush()
    try:
        yield
    finally:
        _collector.wake()
