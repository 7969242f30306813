"""Help plugin tests to open a plugin, to wait for conditions, and to check the accounts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from boomtalk.engine.errors import PluginCallError
from boomtalk.engine.measure.plugins import PluginSnapshot
from boomtalk.plugins import Plugin, PluginOptions, PluginPool

from tests.support.waiting import PATIENCE

PROJECTS = Path(__file__).with_name("projects")


class Log:
    """Collects the lines of a pool's log; `wait_for` returns when one contains a text."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self._waiting: list[tuple[str, asyncio.Event]] = []

    def __call__(self, level: str, text: str) -> None:
        self.lines.append((level, text))
        for wanted, event in self._waiting:
            if wanted in text:
                event.set()

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.lines]

    async def wait_for(self, text: str) -> None:
        event = asyncio.Event()
        self._waiting.append((text, event))
        if not any(text in line for line in self.texts):
            await asyncio.wait_for(event.wait(), PATIENCE)


@contextlib.asynccontextmanager
async def opened(
    path: Path, log: Log | None = None, environment: Mapping[str, str] = {}, **options: Any
) -> AsyncIterator[tuple[PluginPool, Plugin]]:
    """Open one plugin; at the end of the `with` its calls must balance."""
    async with PluginPool(PluginOptions(**options), log or Log()) as pool:
        yield pool, await pool.open(path, environment)
    assert_balanced(pool.snapshots()[0])


def project(name: str) -> Path:
    return PROJECTS / name / "debugtalk.py"


def ends(seen: PluginSnapshot) -> int:
    return seen.ok + seen.errors + seen.timeouts + seen.crashed + seen.cancelled


def assert_balanced(seen: PluginSnapshot) -> None:
    assert (seen.in_flight, seen.queued) == (0, 0), seen
    assert seen.calls == ends(seen), seen


async def failure(call: Awaitable[Any]) -> PluginCallError:
    """Return the error of a call that must fail."""
    with pytest.raises(PluginCallError) as caught:
        await call
    return caught.value


async def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until the condition holds; fail if it does not in time."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def files_below(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))
