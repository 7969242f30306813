"""End a run in a certain turn of the event loop."""

from __future__ import annotations

import asyncio

from boomtalk.engine.load.load_run import Outcome
from boomtalk.engine.load.run import Run
from boomtalk.engine.stop import Stop


async def cut_after(turns: int, run: Run, stop: Stop) -> Outcome:
    """Let a prepared run go for so many turns of this loop, then request its stop."""
    running = asyncio.create_task(run.execute())
    for _ in range(turns):
        await asyncio.sleep(0)
    stop.request("signal")
    return await running
