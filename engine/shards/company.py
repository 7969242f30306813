"""Run steps that belong to the whole load on one shard, and share what they extract."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ..load.run_steps import RunSteps
from ..stop import Stop, Stopped, before

T = TypeVar("T")


class ShardCompany:
    """What one shard does about the `once: run` and `once: end` steps of a load on shards.

    `tell` sends a message of this kind, with these values, to the driver. The driver answers by
    setting `values`, JSON text of what the steps before the load extracted, and `cleans_up`,
    once the load has ended on all shards.
    """

    def __init__(self, tell: Callable[..., None]) -> None:
        self.sets_up = False
        self.values: asyncio.Queue[str] = asyncio.Queue()
        self.cleans_up: asyncio.Queue[bool] = asyncio.Queue()
        self._tell = tell

    async def set_up(self, steps: RunSteps, stop: Stop) -> None:
        """Run the steps if this shard is to do that; take their values or the stop."""
        if self.sets_up:
            await steps.set_up(stop)
            self._tell("set_up", values=_text_of(steps, stop) if steps.are_ready else None)
        values = await _unless(stop.requested(), self.values.get())
        if values is not None:
            steps.take(json.loads(values))

    async def may_clean_up(self, stop: Stop) -> bool:
        """Say that the load has ended here; return whether this shard runs the last steps."""
        self._tell("drained")
        told = await _unless(stop.forced(), self.cleans_up.get())
        # A forced stop skips these steps; one shard says so.
        return self.sets_up if told is None else told


def _text_of(steps: RunSteps, stop: Stop) -> str | None:
    """Return the values as JSON, in which integers stay exact."""
    try:
        return json.dumps(steps.values)
    except (TypeError, ValueError) as error:
        steps.log.error(f"no load was started: a value of once: run cannot be sent: {error}")
        stop.request("setup")
        return None


async def _unless(ending: Coroutine[Any, Any, None], work: Coroutine[Any, Any, T]) -> T | None:
    """Await the work and return its result; return None if the end comes first."""
    try:
        return await before(ending, work)
    except Stopped:
        return None
