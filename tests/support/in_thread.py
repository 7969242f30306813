"""Run servers on an event loop of their own, in a thread beside the test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack, contextmanager
from typing import TypeVar

Served = TypeVar("Served")


@contextmanager
def in_thread(serve: Callable[[AsyncExitStack], Awaitable[Served]]) -> Iterator[Served]:
    """Yield what `serve` returns; what it puts on the stack is ended after the body."""
    started: Future[Served] = Future()
    over = threading.Event()
    thread = threading.Thread(target=asyncio.run, args=(_run(serve, started, over),))
    thread.start()
    try:
        yield started.result(10)
    finally:
        over.set()
        thread.join()


async def _run(
    serve: Callable[[AsyncExitStack], Awaitable[Served]],
    started: Future[Served],
    over: threading.Event,
) -> None:
    async with AsyncExitStack() as stack:
        started.set_result(await serve(stack))
        await asyncio.to_thread(over.wait)
