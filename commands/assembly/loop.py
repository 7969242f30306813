"""Run the coroutine of a command on its loop, so that no signal is lost and none breaks it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine
from types import FrameType
from typing import Any, TypeVar

import uvloop
from boomtalk.engine.signals import Interrupted, handled

Result = TypeVar("Result")


def run_on_loop(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine on uvloop; raises Interrupted for a signal that nothing in it takes.

    That is raised between two callbacks while the coroutine runs, and else behind the loop: in
    the loop's own code it would break the loop, and while a loop is being closed it would be lost
    with a callback that nobody calls.
    """
    untold: deque[int] = deque()
    running: asyncio.AbstractEventLoop | None = None

    def take(number: int, frame: FrameType | None) -> None:
        untold.append(number)
        if running is not None:
            running.call_soon_threadsafe(interrupt)

    def interrupt() -> None:
        if running is not None and untold:
            raise Interrupted(untold[0])

    async def whole() -> Result:
        nonlocal running
        running = asyncio.get_running_loop()
        running.call_soon(interrupt)  # for a signal that came before
        try:
            return await main
        finally:
            running = None

    with handled(take):
        result = uvloop.run(whole())
    if untold:
        raise Interrupted(untold[0])
    return result
