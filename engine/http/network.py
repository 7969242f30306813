"""A network opens the connections of a run; aiohttp does DNS, TCP, TLS, proxies and limits."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache, partial
from itertools import product
from typing import Any, cast

from yarl import URL

from ..errors import StepFailed, UsageError
from .aiohttp_names import (
    BaseConnector,
    ClientConnectorCertificateError,
    ClientConnectorError,
    ClientConnectorSSLError,
    ClientError,
    ClientRequest,
    ClientTimeout,
    ResponseHandler,
    TCPConnector,
    UnixConnector,
    cert_errors,
    ssl_errors,
)
from .channel import Channel, Wire
from .deadline import Deadlines
from .failures import connect_failed
from .head import Heads
from .http2_lines import Http2Lines
from .line import Line
from .options import HttpOptions
from .request import Origin
from .tls import make_context
from .turn import Turn
from .turnstile import Turnstile

# Eleven days. Without it asyncio ends a TLS handshake after 60 s, whatever the caller's limit.
_NO_LIMIT = 1e6
# aiohttp uses `total` for TLS behind a proxy only.
_AS_LONG_AS_IT_TAKES = ClientTimeout(total=_NO_LIMIT)


def _ignore(warning: str) -> None:
    pass


class Network:
    """Owns the connectors and the wire counters of a run; made on the running loop."""

    def __init__(self, options: HttpOptions, warn: Callable[[str], None] = _ignore) -> None:
        """Prepare; raises UsageError for TLS files that cannot be used."""
        self.options = options
        self._warn = warn
        self.wire = Wire()
        self.loop = asyncio.get_running_loop()
        self.turn = Turn(self.loop)
        self.deadlines = Deadlines(self.loop)
        self._contexts: dict[tuple[bool, bool], ssl.SSLContext] = {}
        if options.cacert is not None or options.cert is not None:
            self._read_files()
        self._turnstile = Turnstile(self.loop)
        self._connector = self._make_connector()
        self._staying = self._make_connector()
        self._asks: dict[Origin, ClientRequest] = {}
        self._http2 = Http2Lines(self.wire, options.max_body)
        self._without: set[Origin] = set()  # HTTP/2

    @property
    def shares_connections(self) -> bool:
        """Whether users give a connection back after each response."""
        return self.options.max_connections > 0

    async def open(self, origin: Origin) -> Line:
        """Open a connection as `connect` does, over HTTP/2 if the origin wants it."""
        if not origin.wants_http2:
            return await self.connect(origin)
        channel = await self._take(origin, self._connector)
        if channel.receiver is None and not channel.speaks_http2:
            return self._without_http2(_checked(channel), origin)
        return await self._http2.over(channel)

    async def connect(self, origin: Origin, *, stays: bool = False) -> Channel:
        """Open (or take from the shared pool) a connection; raises StepFailed.

        One that `stays` with its user (a websocket) comes from another pool: otherwise, under a
        limit, a user could wait for itself.
        """
        return _checked(await self._take(origin, self._staying if stays else self._connector))

    async def _take(self, origin: Origin, connector: BaseConnector) -> Channel:
        """Take a connection from the connector; raises StepFailed."""
        ask = self._ask(origin)
        try:
            if self.shares_connections:
                return await self._take_shared(ask, connector)
            turnstile = self._turnstile
            place = turnstile.enter() or await turnstile.wait()
            try:
                # What the connector's own `connect` does besides is for a pool.
                protocol = await connector._create_connection(ask, [], _AS_LONG_AS_IT_TAKES)
            finally:
                turnstile.leave(place)
        except (ClientError, OSError, ValueError) as error:
            raise connect_failed(error) from error
        self.wire.connections_opened += 1
        channel = cast(Channel, protocol)
        channel.take()
        return channel

    async def _take_shared(self, ask: ClientRequest, connector: BaseConnector) -> Channel:
        """Take a connection from the pool, or open one."""
        connection = await connector.connect(ask, [], _AS_LONG_AS_IT_TAKES)
        channel = cast(Channel, connection.protocol)
        if channel.connection is None:
            self.wire.connections_opened += 1
        channel.take(connection)
        return channel

    def _without_http2(self, channel: Channel, origin: Origin) -> Channel:
        """Use HTTP/1.1 with a server that does not offer HTTP/2; raises StepFailed if it must."""
        if origin.http2 == "demanded":
            channel.shut(abort=True)
            raise StepFailed("tls", "the server does not offer HTTP/2", "alpn")
        if origin not in self._without:
            self._without.add(origin)
            self._warn(f"{origin.address} does not offer HTTP/2: its requests go over HTTP/1.1")
        return channel

    def prepare(self, origin: Origin) -> None:
        """Make what the first connection to an origin needs.

        That may take 35 ms, which are not the server's.
        """
        self._ask(origin)

    def _read_files(self) -> None:
        """Make all contexts now: later the files may be gone."""
        try:
            for verify, http2 in product((True, False), repeat=2):
                self._context(verify, http2)
        except (OSError, ValueError) as error:
            raise UsageError(f"TLS files cannot be used: {error}") from error

    def _context(self, verify: bool, http2: bool) -> ssl.SSLContext:
        if (context := self._contexts.get((verify, http2))) is None:
            context = make_context(self.options, verify=verify, http2=http2)
            self._contexts[verify, http2] = context
        return context

    async def close(self) -> None:
        await self._connector.close()
        await self._staying.close()

    def _ask(self, origin: Origin) -> ClientRequest:
        """Return what the connector is asked for: the same for each connection to an origin."""
        if (ask := self._asks.get(origin)) is None:
            ask = self._asks[origin] = self._make_ask(origin)
        return ask

    def _make_ask(self, origin: Origin) -> ClientRequest:
        proxy = URL(self.options.proxy) if self.options.proxy else None
        trust: ssl.SSLContext | bool = True
        if origin.is_secure or (proxy is not None and proxy.scheme == "https"):
            trust = self._context(origin.verify and self.options.verify, origin.wants_http2)
        return ClientRequest("GET", origin.url, loop=self.loop, ssl=trust, proxy=proxy)

    def _make_connector(self) -> BaseConnector:
        options = self.options
        limit = options.max_connections
        connector: BaseConnector
        if options.unix_socket is not None:
            connector = UnixConnector(str(options.unix_socket), limit=limit)
        else:
            connector = _Connector(limit=limit, ttl_dns_cache=60)
        # The only way to have the connector make our protocol (aiohttp has no option for it).
        connector._factory = partial(  # type: ignore[assignment]
            Channel, self.loop, self.wire, options.max_body, Heads()
        )
        return connector


class _Connector(TCPConnector):
    """Sets the limit of TLS handshakes, for which aiohttp has no option.

    A single address is connected to at once: the race of several addresses (RFC 8305), which
    aiohttp always runs, takes longer than the rest. An address in the URL needs no resolver.
    """

    async def _create_direct_connection(
        self,
        req: ClientRequest,
        traces: list[Any],
        timeout: ClientTimeout,
        *,
        client_error: type[Exception] = ClientConnectorError,
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        host = req.url.raw_host or ""
        if (family := _family_of(host)) is None:
            return await super()._create_direct_connection(
                req, traces, timeout, client_error=client_error
            )
        context = self._get_ssl_context(req)
        name = None if context is None else req.server_hostname or host
        return await self._dial(req, client_error, family, (host, req.port), context, name)

    async def _wrap_create_connection(
        self, *args: Any, addr_infos: list[Any], **options: Any
    ) -> Any:
        if len(addr_infos) > 1:
            if options.get("ssl"):
                options["ssl_handshake_timeout"] = _NO_LIMIT
            return await super()._wrap_create_connection(*args, addr_infos=addr_infos, **options)
        ((family, _, _, _, address),) = addr_infos
        fail = options.get("client_error", ClientConnectorError)
        name = options["server_hostname"]
        return await self._dial(options["req"], fail, family, address, options["ssl"], name)

    async def _dial(
        self,
        ask: ClientRequest,
        fail: Any,
        family: int,
        address: Sequence[Any],
        context: ssl.SSLContext | None,
        name: str | None,
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        """Connect to one address; with a context, the certificate must be for this name."""
        host, port, *_ = address
        try:
            return await self._loop.create_connection(
                self._factory,
                host,
                port,
                family=family,
                ssl=context,
                server_hostname=name,
                ssl_handshake_timeout=None if context is None else _NO_LIMIT,
            )
        except cert_errors as error:
            raise ClientConnectorCertificateError(ask.connection_key, error) from error
        except ssl_errors as error:
            raise ClientConnectorSSLError(ask.connection_key, error) from error
        except OSError as error:
            raise fail(ask.connection_key, error) from error


@lru_cache(maxsize=256)
def _family_of(host: str) -> int | None:
    """Return the family of an IP address; None for a name."""
    for family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError):
            socket.inet_pton(family, host)
            return family
    return None


def _checked(channel: Channel) -> Channel:
    """Return a connection that is fit for a request; raises StepFailed for another."""
    if channel.should_close or not channel.is_open:
        channel.shut(abort=True)
        raise StepFailed("disconnected", "closed, or spoken to, before the request", "closed")
    return channel
