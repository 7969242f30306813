"""Run the coroutine of a command on its loop, so that no signal is lost and none breaks it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine
from contextlib import ExitStack
from types import FrameType
from typing import Any, TypeVar

import uvloop
from boomtalk.engine.signals import Interrupted, handled

Result = TypeVar("Result")


def run_on_loop(main: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine on uvloop; raises Interrupted for a signal that nothing in it takes.

    That is raised between two callbacks or, once the coroutine has ended, behind the loop: while
    a loop is being closed, it would be lost with a callback that nobody calls, or break the end.
    """
    untold: deque[int] = deque()
    is_over = False

    async def whole() -> Result:
        nonlocal is_over
        loop = asyncio.get_running_loop()

        def take(number: int, frame: FrameType | None) -> None:
            untold.append(number)
            if not is_over:
                loop.call_soon_threadsafe(interrupt)

        stack.enter_context(handled(take))
        try:
            return await main
        finally:
            is_over = True

    def interrupt() -> None:
        if not is_over:
            raise Interrupted(untold[0])

    with ExitStack() as stack:
        result = uvloop.run(whole())
    if untold:
        raise Interrupted(untold[0])
    return result
