"""Metrics of a running load test: served to Prometheus, pushed to a gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec

from boomtalk.engine.errors import UsageError
from boomtalk.engine.export.address import Address
from boomtalk.engine.load.load_run import LoadRun

from ..flags.output import LoadOutputFlags
from .log import Log

# boomtalk.engine.export is imported when it is asked for: prometheus-client is an extra.


@asynccontextmanager
async def exported(flags: LoadOutputFlags, run: LoadRun, log: Log) -> AsyncIterator[None]:
    """Export the run's metrics while the body lasts; raises UsageError if that cannot be."""
    async with AsyncExitStack() as stack:
        if flags.prometheus is not None or flags.prometheus_gateway is not None:
            _check_installed()
        if flags.prometheus is not None:
            await _scrape(flags.prometheus, run, log, stack)
        if flags.prometheus_gateway is not None:
            await _push(flags.prometheus_gateway, run, log, stack)
        yield


async def _scrape(where: str, run: LoadRun, log: Log, stack: AsyncExitStack) -> None:
    from boomtalk.engine.export.endpoint import scraped

    address = Address.of(where)
    url = await stack.enter_async_context(scraped(address, run.progress))
    log("info", f"metrics at {url}")
    if not address.is_local:
        log.warn(f"everybody who can reach {address.host} can read this load test at {url}")


async def _push(url: str, run: LoadRun, log: Log, stack: AsyncExitStack) -> None:
    from boomtalk.engine.export.gateway import Gateway

    gateway = Gateway(url, run.progress, log.warn)
    run.listeners.append(gateway.take)
    await stack.enter_async_context(gateway.pushing())


def _check_installed() -> None:
    if find_spec("prometheus_client") is None:
        raise UsageError(
            "--prometheus and --prometheus-gateway need the package prometheus-client",
            "pip install 'boomtalk[prometheus]'",
        )
