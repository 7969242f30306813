"""What shards run on: anything that can start one, call it, and end it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class ShardLost(Exception):
    """A shard does not answer any more, and never will; the text says how that is known."""


class Handle(Protocol):
    """One started shard."""

    async def call(self, name: str, *arguments: Any) -> Any:
        """Call a method of the shard; raises ShardLost."""
        ...

    def kill(self) -> None:
        """End the shard at once, with all it started; it may be lost already."""
        ...


class Backend(Protocol):
    """Where shards are started."""

    async def open(self, number: int) -> Sequence[Handle]:
        """Start so many shards; raises UsageError where there is no room for them."""
        ...
