"""The flags of a load on several cores or machines."""

from __future__ import annotations

from . import parsers
from .group import FlagGroup, Panel

flag = Panel("Beyond one core").flag


class ShardFlags(FlagGroup):
    """How many processes share the load, and where they run."""

    shards: int | None = flag(
        "--shards", "N", "Share the load between N processes (needs boomtalk[ray]).", min=1
    )
    ray: str | None = flag(
        "--ray", "ADDRESS", "Use this Ray cluster for --shards; default: one on this machine."
    )
    on_shard_loss: str = flag(
        "--on-shard-loss",
        "stop|continue",
        "What to do after a shard is lost: end the load, or go on with the other shards.",
        default="stop",
        parse=parsers.choice("stop", "continue"),
    )

    @property
    def are_wanted(self) -> bool:
        """Whether a flag speaks of shards."""
        return self.ray is not None or self.shards is not None

    @property
    def is_sharded(self) -> bool:
        """Whether other processes make the load."""
        return self.ray is not None or (self.shards or 1) > 1
