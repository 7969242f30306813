"""Backends start shards, call them and end them; this is their interface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class ShardLost(Exception):
    """A shard will never answer again; the text says how that is known."""


class Handle(Protocol):
    """One started shard."""

    async def call(self, name: str, *arguments: Any) -> Any:
        """Call a method of the shard; raises ShardLost."""
        ...

    def kill(self) -> None:
        """End the shard at once, with all it started; it may be lost already."""
        ...


class Backend(Protocol):
    """Starts shards."""

    async def open(self, number: int) -> Sequence[Handle]:
        """Start `number` shards; raises UsageError if there is no room for them."""
        ...
