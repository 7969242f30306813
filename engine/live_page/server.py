"""Serve the live page to those who know its key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from secrets import compare_digest, token_urlsafe

from aiohttp import web

from ..export.address import Address
from ..export.listening import check_host, listen
from ..page.page import live_page
from .feed import Feed

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# How long viewers have to read the end of the run.
_LAST_SECONDS = 3.0

Actions = Mapping[str, Callable[[], None]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(address: Address, feed: Feed, actions: Actions) -> AsyncIterator[str]:
    """Serve the live page, and yield its address; raises UsageError if the port is taken.

    When the body has ended, viewers have a few seconds to read their last events.
    """
    key = token_urlsafe(16)
    server = _Server(address, key, feed, actions)
    application = web.Application(middlewares=[server.guard])
    application.on_response_prepare.append(_add_headers)
    application.add_routes(
        [
            web.get("/{key}/", server.page, allow_head=False),
            web.get("/{key}/events", server.events, allow_head=False),
            web.post("/{key}/{action}", server.act),
        ]
    )
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_LAST_SECONDS)
    await runner.setup()
    try:
        port = await listen(runner, address, "--web")
        yield f"{address.url(port)}/{key}/"
    finally:
        feed.close()
        await runner.cleanup()


class _Server:
    """Answers the requests for the page, its events, and its buttons' actions."""

    def __init__(self, address: Address, key: str, feed: Feed, actions: Actions) -> None:
        self._address = address
        self._key = key.encode()
        self._feed = feed
        self._actions = actions
        self._page = live_page()

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse foreign hosts and origins, and requests without the key."""
        host = check_host(request, self._address)
        if request.headers.get("Origin", f"http://{host}") != f"http://{host}":
            raise web.HTTPForbidden(text="the request comes from another site\n")
        key = request.path.split("/")[1]
        if not compare_digest(key.encode(errors="replace"), self._key):
            raise web.HTTPForbidden(text="use the address that boomtalk printed: it has a key\n")
        return await handler(request)

    async def page(self, request: web.Request) -> web.Response:
        """Answer with the page, which then asks for the events."""
        headers = {"Content-Security-Policy": self._page.policy}
        return web.Response(
            body=self._page.html, content_type="text/html", charset="utf-8", headers=headers
        )

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Send all so far and then each second, as server-sent events (HTML standard, 9.2)."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        transport = request.transport
        if transport is None:
            return response
        # Everything is handed to the kernel before the next event, and so at the end, too.
        transport.set_write_buffer_limits(high=0)
        with self._feed.viewer(transport.abort) as viewer, suppress(ConnectionError):
            async for event in viewer.events():
                await response.write(event)
        return response

    async def act(self, request: web.Request) -> web.Response:
        """Do what a button says."""
        action = self._actions.get(request.match_info["action"])
        if action is None:
            raise web.HTTPNotFound(text="there is no such action\n")
        action()
        return web.Response(status=204)


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(_HEADERS)
