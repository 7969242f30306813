"""All plugins of a run: one process per debugtalk.py, however many ask for it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from boomtalk.engine.errors import PluginStartError
from boomtalk.engine.measure.plugins import PluginSnapshot

from .options import PluginOptions
from .plugin import Plugin

OBSERVE_SECONDS = 1.0
NO_ENVIRONMENT: Mapping[str, str] = MappingProxyType({})


def key_of(path: str | Path) -> Path:
    """Return the one name of a file: every look-up and every store goes through here."""
    return Path(os.path.realpath(path))


def _ignore(level: str, text: str) -> None:
    """Log nothing."""


class PluginPool:
    """Opens each debugtalk.py once; an async context manager that leaves no process behind."""

    def __init__(
        self,
        options: PluginOptions = PluginOptions(),  # noqa: B008 (frozen)
        log: Callable[[str, str], None] = _ignore,
    ) -> None:
        self._options = options
        self._log = log
        self._lock = asyncio.Lock()
        self._plugins: dict[Path, Plugin] = {}
        self._starts: dict[Path, asyncio.Task[None]] = {}
        self._observer: asyncio.Task[None] | None = None
        self._is_closed = False

    async def __aenter__(self) -> Self:
        self._observer = asyncio.create_task(self._observe())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def open(
        self, path: str | Path, environment: Mapping[str, str] = NO_ENVIRONMENT
    ) -> Plugin:
        """Return the plugin of a debugtalk.py, starting it if nobody did.

        `environment` is added to the environment of its process only; the first one counts.
        Raises PluginStartError, the same for everybody who asks: a failed start is not tried
        again.
        """
        key = key_of(path)
        async with self._lock:
            if self._is_closed:
                raise PluginStartError(f"{key}: the plugin pool is closed")
            if key not in self._plugins:
                plugin = Plugin(key, environment, self._options, self._log)
                self._plugins[key] = plugin
                self._starts[key] = asyncio.create_task(plugin.start())
        try:
            # A start of its own: the first who asked may be cancelled, the others still wait.
            await asyncio.shield(self._starts[key])
        except PluginStartError as error:
            raise error.with_traceback(None) from None
        return self._plugins[key]

    def snapshots(self) -> tuple[PluginSnapshot, ...]:
        """Return the numbers of every plugin, in the order they were opened."""
        return tuple(plugin.snapshot() for plugin in self._plugins.values())

    async def close(self) -> None:
        """End every process, all at the same time; idempotent."""
        self._is_closed = True
        for task in (self._observer, *self._starts.values()):
            if task:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, PluginStartError):
                    await task
        await asyncio.gather(*(plugin.close() for plugin in self._plugins.values()))

    async def _observe(self) -> None:
        while True:
            await asyncio.sleep(OBSERVE_SECONDS)
            for plugin in self._plugins.values():
                plugin.observe()
