"""Serve `/metrics` over HTTP for a Prometheus server that scrapes it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any, cast

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from .address import Address
from .listening import check_host, listen

_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FRESH_SECONDS = 1.0


@asynccontextmanager
async def scraped(address: Address, collect: Callable[[], Iterable[Metric]]) -> AsyncIterator[str]:
    """Serve the metrics of a run, and yield their URL; raises UsageError if the port is taken.

    They are computed on request, at most once per second.
    """
    page = _Page(address, collect)
    application = web.Application()
    # A HEAD would compute all metrics only to drop them.
    application.router.add_get("/metrics", page.answer, allow_head=False)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        port = await listen(runner, address, "--prometheus")
        yield f"{address.url(port)}/metrics"
    finally:
        await runner.cleanup()


class _Page:
    def __init__(self, address: Address, collect: Callable[[], Iterable[Metric]]) -> None:
        self._address = address
        self._collect = collect
        self._text = b""
        self._made_at = -_FRESH_SECONDS

    async def answer(self, request: web.Request) -> web.Response:
        check_host(request, self._address)
        if monotonic() - self._made_at >= _FRESH_SECONDS:
            self._text = rendered(self._collect())
            self._made_at = monotonic()
        return web.Response(body=self._text, headers={"Content-Type": _CONTENT_TYPE})


def rendered(metrics: Iterable[Metric]) -> bytes:
    """Return the metrics in Prometheus's text format."""

    class _Now:
        def collect(self) -> Any:
            return metrics

    return generate_latest(cast(Collector, _Now()))
