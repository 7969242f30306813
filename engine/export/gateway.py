"""Push metrics to a Prometheus Pushgateway every three seconds, as hrp does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any, cast
from uuid import uuid4

from prometheus_client import push_to_gateway
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from ..load.load_run import Outcome
from ..measure.snapshot import Slice, StepSnapshot, merged_steps
from .hrp_families import Window, hrp_families

_EVERY_SECONDS = 3.0
_TIMEOUT_SECONDS = 5.0


class Gateway:
    """Pushes the numbers of a run. If that fails, it logs one warning and goes on trying."""

    def __init__(self, url: str, look: Callable[[], Outcome], tell: Callable[[str], None]) -> None:
        self._url = url
        self._look = look
        self._tell = tell
        self._instance = str(uuid4())
        self._slices: list[Slice] = []
        self._is_told = False
        self._is_over = asyncio.Event()

    def take(self, ended: Slice) -> None:
        """Take one second of the run."""
        self._slices.append(ended)

    @asynccontextmanager
    async def pushing(self) -> AsyncIterator[None]:
        """Push while the body of the `with` runs, and once more after it."""
        task = asyncio.create_task(self._push_on())
        try:
            yield
        finally:
            self._is_over.set()
            await task

    async def _push_on(self) -> None:
        # The task is not cancelled at the end: the thread of a push that is under way would go
        # on, and its older numbers could arrive after the last ones.
        while not self._is_over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_over.wait(), _EVERY_SECONDS)
            await self._push()

    async def _push(self) -> None:
        window = Window(_steps(self._slices), float(len(self._slices)))
        self._slices = []
        metrics = list(hrp_families(self._look(), window, self._is_over.is_set()))
        try:
            # The client blocks, and a slow gateway must not hold up the load.
            await asyncio.to_thread(self._send, metrics)
        except (OSError, ValueError) as error:
            if not self._is_told:
                self._tell(f"cannot push to {self._url}: {error}")
            self._is_told = True

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
