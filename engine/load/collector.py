"""The garbage collector, kept quiet while a load runs."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_collector() -> Iterator[None]:
    """Keep the garbage collector from walking every user again and again.

    Requests make no cycles, and what was there at the start is left out for good. Young objects
    are looked at in small lots, a few milliseconds each; what ten thousand users hold, which
    takes a tenth of a second, almost never.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 100_000, 1_000)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
