"""Let one shard run the steps that belong to the whole load: before it, and after it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from ..stop import Stop
from .account import Account
from .follower import Follower

# A shard ends itself if it is not asked for anything for 15 s.
_KEEP_SECONDS = 2.0


class CommonSteps:
    """The driver's part in such steps; `call` calls a method of a shard, by its index.

    The steps after the load run when it has ended on every shard that is still there.
    """

    def __init__(self, accounts: Sequence[Account], call: Callable[..., None]) -> None:
        self.are_wanted = False
        self.is_setting_up = False
        self._accounts = accounts
        self._call = call
        self._drained: set[int] = set()
        self._are_over = False

    async def set_up(self, follower: Follower, stop: Stop, patience: float) -> dict[str, Any]:
        """Return the message of the shard that runs the steps before the load.

        Raises ShardLost, and TimeoutError if there is none so long after the stop was forced.
        """
        self.is_setting_up = True
        asking = asyncio.create_task(follower.message())
        forced_at: float | None = None
        try:
            while not asking.done():
                await asyncio.wait((asking,), timeout=min(_KEEP_SECONDS, patience))
                self._call_all("keep")
                if stop.is_forced and forced_at is None:
                    forced_at = perf_counter()
                elif forced_at is not None and perf_counter() - forced_at > patience:
                    raise TimeoutError
            return asking.result()
        finally:
            self.is_setting_up = False
            asking.cancel()

    def share(self, values: str) -> None:
        """Begin the load everywhere, with what those steps extracted."""
        self._call_all("share", values)

    def take_drained(self, account: Account) -> None:
        """Note that the load has ended on a shard."""
        self._drained.add(account.index)
        self.look()

    def look(self) -> None:
        """Let the first shard that is left run the last steps, if the load has ended on all."""
        left = [one.index for one in self._accounts if not one.is_over]
        if left and not self._are_over and self._drained.issuperset(left):
            self._are_over = True
            for index in left:
                self._call(index, "finish", index == left[0])

    def _call_all(self, name: str, *arguments: Any) -> None:
        for account in self._accounts:
            if not account.is_over:
                self._call(account.index, name, *arguments)
