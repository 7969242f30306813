"""Push metrics to a Prometheus Pushgateway every three seconds, as hrp does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, cast
from uuid import uuid4

from prometheus_client import push_to_gateway
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from ..load.load_run import Outcome
from ..measure.snapshot import Slice, StepSnapshot, merged_steps
from .hrp_families import Window, hrp_families
from .pusher import Pusher

_EVERY_SECONDS = 3.0
_TIMEOUT_SECONDS = 5.0


class Gateway:
    """Pushes the numbers of a run. If that fails, it logs one warning and goes on trying."""

    def __init__(self, url: str, look: Callable[[], Outcome], warn: Callable[[str], None]) -> None:
        self._url = url
        self._look = look
        self._pusher = Pusher(url, _EVERY_SECONDS, self._push, warn)
        self._instance = str(uuid4())
        self._slices: list[Slice] = []

    def take(self, ended: Slice) -> None:
        """Take one second of the run."""
        self._slices.append(ended)

    def pushing(self) -> AbstractAsyncContextManager[None]:
        """Push while the body of the `with` runs, and once more after it."""
        return self._pusher.running()

    async def _push(self, is_last: bool) -> None:
        window = Window(_steps(self._slices), float(len(self._slices)))
        self._slices = []
        metrics = list(hrp_families(self._look(), window, is_last))
        # The client blocks, and a slow gateway must not hold up the load.
        await asyncio.to_thread(self._send, metrics)

    def _send(self, metrics: Iterable[Metric]) -> None:
        class _Now:
            def collect(self) -> Any:
                return metrics

        push_to_gateway(
            self._url,
            "hrp",
            cast(Collector, _Now()),
            {"instance": self._instance, "mode": "standalone"},
            timeout=_TIMEOUT_SECONDS,
        )


def _steps(slices: Iterable[Slice]) -> tuple[StepSnapshot, ...]:
    return merged_steps(step for one in slices for step in one.steps)
