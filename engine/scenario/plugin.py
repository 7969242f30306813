"""Protocols of the plugin layer: the engine is given an implementation and imports none."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from inspect import Signature
from pathlib import Path
from typing import Any, Protocol

from ..errors import UsageError
from ..measure.plugins import PluginSnapshot


class Plugin(Protocol):
    """A running debugtalk.py: the signatures of its functions by name, and calls to them.

    A signature that Python cannot tell is None.
    """

    @property
    def functions(self) -> Mapping[str, Signature | None]: ...

    def call(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        watched: int = -1,
    ) -> Awaitable[Any]:
        """Call one function; raises PluginCallError.

        If the function changes the argument at position `watched` and returns nothing, the
        result is that argument.
        """
        ...


class Plugins(Protocol):
    """Starts each debugtalk.py once and reports on all of them."""

    async def open(self, path: str | Path, environment: Mapping[str, str] = ...) -> Plugin:
        """Return the plugin of this path; raises PluginStartError."""
        ...

    def snapshots(self) -> Sequence[PluginSnapshot]: ...


class NoPlugins:
    """The plugin layer of cases without a debugtalk.py."""

    async def open(self, path: str | Path, environment: Mapping[str, str] | None = None) -> Plugin:
        hint = "async with PluginPool() as pool: ... plugins=pool"
        raise UsageError(f"{path} needs a process, but no plugins were given", hint)

    def snapshots(self) -> Sequence[PluginSnapshot]:
        return ()
