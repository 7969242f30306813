"""An agent sends the requests of one user, and owns the connections and cookies of that user."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from math import inf
from time import perf_counter

from yarl import URL

from ..errors import StepFailed
from .channel import Channel
from .cookies import Cookies, Pairs, merged
from .deadline import Deadline
from .failures import connect_failed
from .network import Network
from .redirects import follow
from .request import Origin, Request
from .response import Response

_AGAIN = 0.01


class Agent:
    """Sends requests for one user. Every attempt is sent once; nothing is ever sent again.

    After `send` returns or raises, `connect_time` and `latency` tell the attempt's seconds;
    `latency` is None if nothing was written. `cookies` are those that were sent.
    """

    __slots__ = (
        "_channel",
        "_channels",
        "_deadline",
        "_jar",
        "_network",
        "connect_time",
        "cookies",
        "latency",
    )

    def __init__(self, network: Network) -> None:
        self._network = network
        self._channels: dict[Origin, Channel] = {}
        self._channel: Channel | None = None
        self._jar: Cookies | None = None
        self._deadline = Deadline(network.loop, self._is_over)
        self.connect_time = 0.0
        self.cookies: Pairs = ()
        self.latency: float | None = None

    async def send(self, request: Request) -> Response:
        """Send one request, follow its redirects, and read the whole body.

        Raises StepFailed if the response does not come complete.
        """
        self.connect_time = 0.0
        self.latency = None
        timeout = request.timeout
        self._deadline.set(timeout if timeout is not None else self._network.options.timeout)
        hops = 0
        try:
            while True:
                channel = self._channels.get(request.origin)
                if channel is None or not channel.is_open:
                    channel = await self._connect(request.origin)
                data = self._bytes_of(request)
                self._channel = channel
                try:
                    # A local for the future would make a cycle: see Channel.data_received.
                    response = await _exchange(channel, request, data)
                except asyncio.CancelledError:
                    channel.abandon()
                    raise
                except StepFailed:
                    self._channels.pop(request.origin, None)  # it closes itself in a moment
                    raise
                finally:
                    self._channel = None
                    self.latency = (self.latency or 0.0) + channel.finished_at - channel.sent_at
                self._settle(request, channel, response)
                if not request.follow or (target := follow(request, response)) is None:
                    response.elapsed = self.latency
                    return response
                hops += 1
                request = self._redirected(target, hops)
        finally:
            self._deadline.clear()

    @property
    def sent_at(self) -> float:
        """When the request under way was written; 0 if there is none, or it is not written yet."""
        return 0.0 if self._channel is None else self._channel.sent_at

    @property
    def network(self) -> Network:
        return self._network

    def cookies_for(self, url: URL, own: Pairs = ()) -> Pairs:
        """Return the cookies that go to a URL: those of this user, and a request's own."""
        return own if self._jar is None else merged(self._jar.for_url(url), own)

    def forget_cookies(self) -> None:
        self._jar = None

    def close(self) -> None:
        """Close every connection; nothing may be in flight."""
        self._deadline.close()
        for channel in self._channels.values():
            channel.shut()
        self._channels.clear()

    def _redirected(self, target: Request, hops: int) -> Request:
        """Count a hop; raises StepFailed for one too many."""
        if hops > self._network.options.max_redirects:
            raise StepFailed("redirect", f"more than {hops - 1} redirects", "loop")
        self._network.wire.redirects += 1
        return target

    def _bytes_of(self, request: Request) -> bytes:
        """Return what to write: the request, with the cookies of this user in it."""
        cookies = request.cookies
        if self._jar is not None:
            cookies = merged(self._jar.for_url(request.url), cookies)
        if self.latency is None:  # the first hop, which is the caller's own request
            self.cookies = cookies
        return request.with_cookies(cookies) if cookies else request.wire

    def _settle(self, request: Request, channel: Channel, response: Response) -> None:
        """Keep, give back or close the connection, and keep the cookies."""
        if channel.should_close or request.closes or not self._network.options.keepalive:
            self._drop(request.origin)
        elif self._network.shares_connections:
            self._give_back(request.origin)
        if response.head.sets_cookies:
            self._keep_cookies(response, request.url)

    async def _connect(self, origin: Origin) -> Channel:
        self._drop(origin)
        started_at = perf_counter()
        limit = None if self._deadline.at == inf else self._deadline.at
        try:
            # The connector's own limits would not cover the wait for a free connection.
            async with asyncio.timeout_at(limit):
                if self._network.shares_connections:
                    # Another user may be waiting for the connection that we just gave back.
                    await asyncio.sleep(0)
                channel = await self._network.connect(origin)
        except TimeoutError as error:
            raise connect_failed(error) from error
        finally:
            self.connect_time += perf_counter() - started_at
        self._channels[origin] = channel
        return channel

    def _drop(self, origin: Origin) -> None:
        channel = self._channels.pop(origin, None)
        if channel is not None:
            channel.shut()

    def _give_back(self, origin: Origin) -> None:
        connection = self._channels.pop(origin).connection
        if connection is not None:
            connection.release()

    def _is_over(self) -> None:
        if self._channel is not None:
            self._channel.abandon(StepFailed("timeout", "no complete response in time", "total"))
        else:  # still connecting, which ends by itself, or just about to write
            self._deadline.set(_AGAIN)

    def _keep_cookies(self, response: Response, url: URL) -> None:
        if self._jar is None:
            self._jar = Cookies()
        self._jar.keep(response.headers.getall("Set-Cookie", ()), url)


def _exchange(channel: Channel, request: Request, data: bytes) -> Awaitable[Response]:
    has_body = request.method != "HEAD"
    if request.form is not None:
        return channel.exchange_form(data, request.form, body=has_body)
    return channel.exchange(data, body=has_body)
