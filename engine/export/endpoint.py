"""Serve `/metrics` over HTTP for a Prometheus server that scrapes it."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from time import monotonic
from typing import Any, cast

from aiohttp import web
from prometheus_client import generate_latest
from prometheus_client.registry import Collector

from ..errors import UsageError
from ..load.load_run import Outcome
from .families import families

_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_FRESH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Address:
    """An address to listen on; port 0 means any free port."""

    host: str
    port: int

    @property
    def is_local(self) -> bool:
        """Return whether only this machine can reach the address."""
        return self.host == "localhost" or (_is_ip(self.host) and ip_address(self.host).is_loopback)


@asynccontextmanager
async def scraped(address: Address, look: Callable[[], Outcome]) -> AsyncIterator[str]:
    """Serve the metrics of a run, and yield their URL; raises UsageError if the port is taken.

    They are computed on request, at most once per second.
    """
    page = _Page(address.host, look)
    application = web.Application()
    # A HEAD would compute all metrics only to drop them.
    application.router.add_get("/metrics", page.answer, allow_head=False)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        port = await _listen(runner, address)
        host = f"[{address.host}]" if ":" in address.host else address.host
        yield f"http://{host}:{port}/metrics"
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, address: Address) -> int:
    try:
        await web.TCPSite(runner, address.host, address.port).start()
    except OSError as error:
        where = f"{address.host}:{address.port}"
        raise UsageError(f"--prometheus cannot listen on {where}: {error.strerror}") from error
    port: int = runner.addresses[0][1]
    return port


class _Page:
    def __init__(self, host: str, look: Callable[[], Outcome]) -> None:
        self._look = look
        self._names = {"localhost", host.lower(), socket.gethostname().lower()}
        self._text = b""
        self._made_at = -_FRESH_SECONDS

    async def answer(self, request: web.Request) -> web.Response:
        if not self._is_ours(request.headers.get("Host", "")):
            raise web.HTTPForbidden(text="the Host header does not name this machine\n")
        if monotonic() - self._made_at >= _FRESH_SECONDS:
            self._text = rendered(self._look())
            self._made_at = monotonic()
        return web.Response(body=self._text, headers={"Content-Type": _CONTENT_TYPE})

    def _is_ours(self, host: str) -> bool:
        # Against DNS rebinding: a web page can let its own name resolve to this machine and so
        # read from it with the user's browser, but it cannot do so with an IP address.
        name = re.sub(r":\d*$", "", host).strip("[]").lower()
        return _is_ip(name) or name in self._names


def rendered(outcome: Outcome) -> bytes:
    """Return all metrics in Prometheus's text format."""

    class _Now:
        def collect(self) -> Any:
            return families(outcome)

    return generate_latest(cast(Collector, _Now()))


def _is_ip(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
