"""Opens connections for a whole run: DNS, TCP, TLS, proxies and limits are aiohttp's."""

from __future__ import annotations

import asyncio
import ssl
from functools import partial
from typing import cast

from aiohttp import ClientRequest, ClientTimeout, TCPConnector, UnixConnector
from aiohttp.connector import BaseConnector
from yarl import URL

from .channel import Channel, Wire
from .options import HttpOptions
from .request import Origin


class Network:
    """One per run, made on the running loop. Owns the connector and the wire counters."""

    def __init__(self, options: HttpOptions) -> None:
        """Prepare; raises OSError or ssl.SSLError for a certificate that cannot be read."""
        self.options = options
        self.wire = Wire()
        self.loop = asyncio.get_running_loop()
        self._verified = _context(options)
        self._connector = self._make_connector()
        self._asks: dict[Origin, ClientRequest] = {}

    @property
    def shares_connections(self) -> bool:
        """Whether users give a connection back after each response."""
        return self.options.max_connections > 0

    async def connect(self, origin: Origin) -> Channel:
        """Open (or take from the shared pool) a connection; raises what aiohttp raises."""
        ask = self._asks.get(origin) or self._asks.setdefault(origin, self._ask(origin))
        # The time limit of the whole attempt is the caller's.
        connection = await self._connector.connect(ask, [], ClientTimeout(total=None))
        channel = cast(Channel, connection.protocol)
        if channel.connection is None:
            self.wire.connections_opened += 1
        channel.connection = connection
        return channel

    async def close(self) -> None:
        await self._connector.close()

    def _ask(self, origin: Origin) -> ClientRequest:
        proxy = self.options.proxy
        verified: ssl.SSLContext | bool = self._verified if origin.verify else False
        return ClientRequest(
            "GET",
            origin.url,
            loop=self.loop,
            ssl=verified if self.options.verify else False,
            proxy=URL(proxy) if proxy else None,
        )

    def _make_connector(self) -> BaseConnector:
        options = self.options
        limit = options.max_connections
        connector: BaseConnector
        if options.unix_socket is not None:
            connector = UnixConnector(str(options.unix_socket), limit=limit)
        else:
            connector = TCPConnector(limit=limit, ttl_dns_cache=60)
        # The only way to have the connector make our protocol (aiohttp has no option for it).
        connector._factory = partial(  # type: ignore[assignment]
            Channel, self.loop, self.wire, options.max_body
        )
        return connector


def _context(options: HttpOptions) -> ssl.SSLContext | bool:
    if options.cacert is None and options.cert is None:
        return True
    context = ssl.create_default_context(cafile=options.cacert)
    if options.cert is not None:
        context.load_cert_chain(options.cert, options.key)
    return context
