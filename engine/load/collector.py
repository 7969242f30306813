"""Keep garbage collection from pausing the load."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_collector() -> Iterator[None]:
    """Make garbage collections short and rare while the body of the `with` runs.

    With the default thresholds Python would scan the objects of all users again and again: a
    tenth of a second with 10,000 users. But requests make no reference cycles. So young objects
    are scanned in small lots of a few milliseconds, and older ones almost never; those that exist
    at the start become old at once. What the caller has frozen stays so.
    """
    # 10,000 objects between scans of the young generation; 100,000 of these scans before one of
    # the middle generation, which is practically never.
    before = gc.get_threshold()
    gc.collect()
    gc.set_threshold(10_000, 100_000, 1_000)
    try:
        yield
    finally:
        gc.set_threshold(*before)
