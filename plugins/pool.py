"""Hold all plugins of a run: one process per debugtalk file, however many cases use it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Self

from boomtalk.engine.errors import PluginStartError, UsageError
from boomtalk.engine.measure.plugins import PluginSnapshot

from .options import PluginOptions

if TYPE_CHECKING:  # only a case with a plugin imports it
    from .launch import Kind
    from .plugin import Plugin
from . import on_demand

OBSERVE_SECONDS = 1.0
GO_FILE = "debugtalk.bin"
NO_ENVIRONMENT: Mapping[str, str] = MappingProxyType({})


def key_of(path: str | Path) -> Path:
    """Return the key of a file: its real path, so that symbolic links make no second process."""
    return Path(os.path.realpath(path))


def _kind_of(path: Path) -> Kind:
    """Return how to start the plugin of that path; raises UsageError without the package for it."""
    if path.name != GO_FILE:
        return on_demand.PYTHON
    try:
        return on_demand.GO
    except ImportError as error:
        text = f"{path}: a plugin in Go needs the package grpcio ({error})"
        raise UsageError(text, "pip install 'boomtalk[go]'") from None


def _ignore(level: str, text: str) -> None:
    """Log nothing."""


class PluginPool:
    """Opens each file once. It is an async context manager and leaves no process behind."""

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
        """Return the plugin of a debugtalk.py or debugtalk.bin; the first call starts it.

        `environment` is added to the environment of that process only; later calls do not change
        it. Raises PluginStartError; a failed start is not tried again, so that every caller gets
        the same error. Raises UsageError outside the `async with` of the pool, and if the package
        for this kind of plugin is missing.
        """
        key = key_of(path)
        if self._observer is None:
            what = "the plugin pool is not open, so nothing would end its processes"
            raise UsageError(what, "async with PluginPool() as pool: ...")
        async with self._lock:
            if self._is_closed:
                raise PluginStartError(f"{key}: the plugin pool is closed")
            if key not in self._plugins:
                kind = _kind_of(Path(path))
                plugin = on_demand.Plugin(key, environment, self._options, self._log, kind=kind)
                self._plugins[key] = plugin
                self._starts[key] = asyncio.create_task(plugin.start())
        try:
            # The start runs in a task of its own: if the first caller is cancelled, others that
            # wait for the same plugin still need it.
            await asyncio.shield(self._starts[key])
        except PluginStartError as error:
            # One exception is raised for every caller, and would collect all their tracebacks.
            raise error.with_traceback(None) from None
        return self._plugins[key]

    def snapshots(self) -> tuple[PluginSnapshot, ...]:
        """Return the numbers of all plugins, in the order in which they were opened."""
        return tuple(plugin.snapshot() for plugin in self._plugins.values())

    async def close(self) -> None:
        """End all processes at the same time; calling it again does nothing."""
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
