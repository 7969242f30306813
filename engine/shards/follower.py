"""Follow one shard: ask for its messages, some pieces ahead of those that arrived."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from .backend import Handle
from .pieces import Inbox

# What was answered before a shard died is in our own memory already, if it was asked for.
_AHEAD = 5


class Follower:
    """Asks one shard for its messages. Its owner counts `ticks` up; each piece sets them to 0."""

    def __init__(self, handle: Handle) -> None:
        self.handle = handle
        self.ticks = 0
        self._asked: deque[asyncio.Task[bytes]] = deque()
        self._number = 0
        self._seen = 0
        self._inbox = Inbox()

    async def message(self) -> dict[str, Any]:
        """Return the next message; raises ShardLost once all that were answered are taken."""
        while True:
            self._ask()
            piece = await asyncio.shield(self._asked[0])
            self._asked.popleft()
            self._seen += 1
            self.ticks = 0
            if (message := self._inbox.add(piece)) is not None:
                return message

    async def close(self) -> None:
        """Cancel the requests for pieces that did not arrive."""
        for task in self._asked:
            task.cancel()
        await asyncio.gather(*self._asked, return_exceptions=True)

    def _ask(self) -> None:
        while len(self._asked) < _AHEAD:
            asking = self.handle.call("piece", self._number, self._seen)
            self._asked.append(asyncio.ensure_future(asking))
            self._number += 1
