"""Listen for HTTP on an address that the user names, and refuse requests that name another."""

from __future__ import annotations

from aiohttp import web

from ..errors import UsageError
from .address import Address


async def listen(runner: web.AppRunner, address: Address, flag: str) -> int:
    """Listen, and return the port; raises UsageError, which names the flag, if it is taken."""
    try:
        await web.TCPSite(runner, address.host, address.port).start()
    except OSError as error:
        where = f"{address.host}:{address.port}"
        reason = error.strerror or str(error)
        raise UsageError(
            f"{flag} cannot listen on {where}: {reason}",
            "choose another port, or 0 for any free one",
        ) from error
    port: int = runner.addresses[0][1]
    return port


def check_host(request: web.Request, address: Address) -> str:
    """Return the Host header; raises HTTPForbidden for one that does not name this machine."""
    host = request.headers.get("Host", "")
    if not address.is_named_by(host):
        raise web.HTTPForbidden(text="the Host header does not name this machine\n")
    return host
