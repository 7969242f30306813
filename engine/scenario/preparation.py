"""A preparation makes one request that calls a plugin or needs a permit, with no task of its own.

A task would be woken twice for each such request, through every coroutine of its user.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from ..http.request import Request

# The variables of the step, and its request.
Prepared = tuple[dict[str, Any], Request]


class Preparation:
    """Runs a coroutine that awaits futures, as a task does; each future calls `wake`."""

    __slots__ = ("_awaited", "_loop", "_wake", "_work")

    def __init__(
        self,
        work: Coroutine[Any, Any, Prepared],
        wake: Callable[[Any], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._work = work
        self._wake = wake
        self._loop = loop
        self._awaited: asyncio.Future[Any] | None = None

    def go_on(self) -> Prepared | None:
        """Return what was prepared; None if something has to be awaited first.

        Raises what the coroutine raises.
        """
        self._awaited = None
        try:
            awaited = self._work.send(None)
        except StopIteration as end:
            prepared: Prepared = end.value
            return prepared
        if awaited is None:  # what sleep(0) does
            self._loop.call_soon(self._wake, None)
        else:
            # The mark by which a future knows that it is awaited.
            awaited._asyncio_future_blocking = False
            awaited.add_done_callback(self._wake)
            self._awaited = awaited
        return None

    def drop(self) -> None:
        """Give up the preparation, and cancel the call that it awaits."""
        self._work.close()
        if self._awaited is not None:
            self._awaited.cancel()
