"""Wait for a condition instead of a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Fact = TypeVar("Fact")

# Seconds until a test gives up on what it waits for, also beside much other work. It is a little
# less than the limit of pytest, which cannot say what the test waited for.
PATIENCE = 150.0
_EVERY = 0.01


def wait_until(find: Callable[[], Fact], what: str, timeout: float = PATIENCE) -> Fact:
    """Return the first true value of `find`, asked a hundred times a second.

    Raises AssertionError that names `what` if there is none within `timeout` seconds.
    """
    end = time.monotonic() + timeout
    while not (fact := find()):
        assert time.monotonic() < end, f"waited {timeout} s in vain for {what}"
        time.sleep(_EVERY)
    return fact
