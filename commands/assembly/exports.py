"""Metrics of a running load test: served to Prometheus, pushed to a gateway or a collector."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.util import find_spec
from uuid import uuid4

from boomtalk.engine.errors import UsageError
from boomtalk.engine.export.address import Address
from boomtalk.engine.load.load_run import LoadRun
from boomtalk.version import VERSION

from ..flags.output import LoadOutputFlags
from .log import Log

# boomtalk.engine.export is imported when it is asked for: what it needs are extras.


@asynccontextmanager
async def exported(flags: LoadOutputFlags, run: LoadRun, log: Log) -> AsyncIterator[None]:
    """Export the run's metrics while the body lasts; raises UsageError if that cannot be."""
    async with AsyncExitStack() as stack:
        if flags.prometheus is not None:
            await _scrape(flags.prometheus, run, log, stack)
        if flags.prometheus_gateway is not None:
            await _push(flags.prometheus_gateway, run, log, stack)
        if flags.otlp is not None:
            await _send(flags.otlp, run, log, stack)
        yield


async def _scrape(where: str, run: LoadRun, log: Log, stack: AsyncExitStack) -> None:
    _need_prometheus_client("--prometheus", "prometheus")
    from boomtalk.engine.export.endpoint import scraped
    from boomtalk.engine.export.families import families

    address = Address.of(where)
    served = scraped(address, lambda: families(run.progress(), run.load))
    url = await stack.enter_async_context(served)
    log("info", f"metrics at {url}")
    if not address.is_local:
        log.warn(f"everybody who can reach {address.host} can read this load test at {url}")


async def _push(url: str, run: LoadRun, log: Log, stack: AsyncExitStack) -> None:
    _need_prometheus_client("--prometheus-gateway", "prometheus")
    from boomtalk.engine.export.gateway import Gateway

    gateway = Gateway(url, run.progress, log.warn)
    run.listeners.append(gateway.take)
    await stack.enter_async_context(gateway.pushing())


async def _send(url: str, run: LoadRun, log: Log, stack: AsyncExitStack) -> None:
    _need_prometheus_client("--otlp", "otel")
    from boomtalk.engine.export.otlp import OtlpExport, headers_of

    about = {
        "service.name": "boomtalk",
        "service.version": VERSION,
        "service.instance.id": str(uuid4()),
    }
    export = OtlpExport(url, run, about, headers_of(os.environ), log.warn)
    await stack.enter_async_context(export.sending())


def _need_prometheus_client(flag: str, extra: str) -> None:
    if find_spec("prometheus_client") is None:
        hint = f"pip install 'boomtalk[{extra}]'"
        raise UsageError(f"{flag} needs the package prometheus-client", hint)
