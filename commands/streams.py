"""Where a load test's numbers go while it runs, besides the screen and its record."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from boomtalk.engine import Run
    from boomtalk.engine.export.run_state import RunState
    from boomtalk.engine.shards.sharded_run import ShardedRun

    from .load_test import LoadTest
    from .voices import Log


def address_flag(text: str) -> str:
    if not re.fullmatch(r"(?:(?:\[[0-9a-fA-F:.]+\]|[\w.-]+):)?\d{1,5}", text):
        raise typer.BadParameter(f"write it as PORT or HOST:PORT, not {text!r}")
    if int(text.rpartition(":")[2]) > 65535:
        raise typer.BadParameter(f"there is no port {text.rpartition(':')[2]}")
    return text


def gateway_flag(text: str) -> str:
    url = text if "://" in text else f"http://{text}"
    if not re.fullmatch(r"https?://[^/\s]+(/\S*)?", url):
        raise typer.BadParameter(f"write it as http://HOST:PORT, not {text!r}")
    return url


@asynccontextmanager
async def streaming(test: LoadTest, run: Run | ShardedRun, log: Log) -> AsyncIterator[None]:
    """Stream the run's numbers while the body lasts; raises UsageError if that cannot be."""
    async with AsyncExitStack() as stack:
        if test.prometheus is not None or test.prometheus_gateway is not None:
            _check_installed()
        if test.prometheus is not None:
            await _scrape(test.prometheus, run, log, stack)
        if test.prometheus_gateway is not None:
            await _push(test.prometheus_gateway, run, log, stack)
        yield


async def _scrape(where: str, run: Run | ShardedRun, log: Log, stack: AsyncExitStack) -> None:
    from boomtalk.engine.export.endpoint import Address, scraped

    host, _, port = where.rpartition(":")
    address = Address(host.strip("[]") or "127.0.0.1", int(port))
    url = await stack.enter_async_context(scraped(address, partial(_look, run)))
    log("info", f"metrics at {url}")
    if not address.is_local:
        log("warning", f"{url} tells everybody who can reach {address.host} of this load test")


async def _push(url: str, run: Run | ShardedRun, log: Log, stack: AsyncExitStack) -> None:
    from boomtalk.engine.export.gateway import Gateway

    gateway = Gateway(url, partial(_look, run), partial(log, "warning"))
    run.take_slice = gateway.take
    await stack.enter_async_context(gateway.pushing())


def _look(run: Run | ShardedRun) -> RunState:
    from boomtalk.engine.export.run_state import RunState

    return RunState(
        run.snapshot(), run.health.snapshot(), run.plugins.snapshots(), run.stop.is_requested
    )


def _check_installed() -> None:
    from importlib.util import find_spec

    from boomtalk.engine.errors import UsageError

    if find_spec("prometheus_client") is None:
        raise UsageError(
            "--prometheus and --prometheus-gateway need the package prometheus-client",
            "pip install 'boomtalk[prometheus]'",
        )
