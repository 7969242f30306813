"""An agent sends the requests of one user, and owns the connections and cookies of that user."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from math import inf
from time import monotonic, perf_counter

from yarl import URL

from ..errors import StepFailed
from .cookies import Cookies, Pairs, merged
from .deadline import Deadline
from .failures import connect_failed
from .http2_channel import Http2Channel
from .line import Line, NotTaken
from .network import Network
from .redirects import follow
from .request import Origin, Request
from .response import Response
from .turn import Waiter

_AGAIN = 0.01


class Agent:
    """Sends requests for one user. Every attempt is sent once; nothing is ever sent again.

    `send` does a whole attempt. A caller in a hurry spares itself that coroutine: it calls
    `begin`, and awaits `connect_and_send` if that could not write; it calls `end` with the
    response, and awaits `follow` for a redirect; if anything raises meanwhile, it calls `fail`.

    After an attempt `connect_time` and `latency` tell its seconds; `latency` is None if nothing
    was written. `cookies` are those that were sent, `jar` those that are kept, if there are any.
    """

    __slots__ = (
        "_channel",
        "_channels",
        "_deadline",
        "_is_simple",
        "_network",
        "_timeout",
        "connect_time",
        "cookies",
        "jar",
        "latency",
    )

    def __init__(self, network: Network) -> None:
        self._network = network
        self._timeout = network.options.timeout
        # Whether a connection stays with this user from one request to the next.
        self._is_simple = network.options.keepalive and not network.shares_connections
        self._channels: dict[Origin, Line] = {}
        self._channel: Line | None = None
        self.jar: Cookies | None = None
        self._deadline = Deadline(network.deadlines, self._is_over)
        self.connect_time = 0.0
        self.cookies: Pairs = ()
        self.latency: float | None = None

    async def send(self, request: Request) -> Response:
        """Send one request, follow its redirects, and read the whole body.

        Raises StepFailed if the response does not come complete.
        """
        waiter: asyncio.Future[Response] = self._network.loop.create_future()
        try:
            is_written = self.begin(request, waiter)
        except BaseException:
            self.fail(request)
            raise
        return await self._complete(request, waiter if is_written else self._exchange(request))

    def begin(self, request: Request, waiter: Waiter[Response]) -> bool:
        """Begin an attempt: write the request if its connection is open; returns whether it was.

        The waiter then gets the response, or a StepFailed. Raises StepFailed.
        """
        self.connect_time = 0.0
        self.latency = None
        channel = self._channels.get(request.origin)
        timeout = self._timeout if request.timeout is None else request.timeout
        # As `is_open` does.
        transport = None if channel is None else channel.transport
        if transport is None or transport.is_closing() or request.form is not None:
            self._deadline.set(timeout)
            return False
        assert channel is not None
        if self.jar is not None or request.cookies:
            data = self._with_cookies(request)
        else:
            self.cookies = ()
            data = request.wire
        self._channel = channel
        channel.ask(data, request.method != "HEAD", waiter)
        deadline = self._deadline
        deadline.at = at = channel.sent_at + timeout
        if deadline.due > at:  # its timer would come too late
            deadline.move(at)
        return True

    async def connect_and_send(self, request: Request) -> Response:
        """Go on with an attempt that `begin` could not write, as `send` does."""
        return await self._complete(request, self._exchange(request))

    async def _complete(self, request: Request, first: Awaitable[Response]) -> Response:
        """Await the first response of an attempt, and follow its redirects; returns the last."""
        try:
            response = await first
        except BaseException:
            self.fail(request)
            raise
        target = self.end(request, response)
        return response if target is None else await self.follow(target)

    def end(self, request: Request, response: Response) -> Request | None:
        """Settle an exchange; returns a redirect that is to be followed.

        Raises StepFailed for one that cannot be.
        """
        deadline, channel = self._deadline, self._channel
        due, deadline.at, self._channel = deadline.at, inf, None
        assert channel is not None
        response.elapsed = (self.latency or 0.0) + channel.finished_at - channel.sent_at
        self.latency = response.elapsed
        response.request = request
        if channel.is_spent or request.closes or not self._is_simple:
            self._part_from(channel, request)
        head = response.head
        if head.sets_cookies:
            self._keep_cookies(response, request)
        if (
            not head.redirects
            or not request.follow
            or (target := follow(request, response)) is None
        ):
            return None
        deadline.move(due)
        return target

    def fail(self, request: Request) -> None:
        """Give up an exchange that raised, or whose caller is cancelled."""
        self._deadline.clear()
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.abandon()
            if not (channel.is_open and self._is_simple):
                self._drop(request.origin)
            self.latency = (self.latency or 0.0) + channel.finished_at - channel.sent_at

    async def follow(self, target: Request) -> Response:
        """Follow a redirect, and those after it; returns the last response.

        Raises StepFailed as `send` does, and for too many redirects.
        """
        hops = 0
        while True:
            hops += 1
            try:
                self._count_redirect(hops)
                response = await self._exchange(target)
            except BaseException:
                self.fail(target)
                raise
            if (following := self.end(target, response)) is None:
                return response
            target = following

    @property
    def sent_at(self) -> float:
        """When the request under way was written; 0 if there is none, or it is not written yet."""
        return 0.0 if self._channel is None else self._channel.sent_at

    @property
    def network(self) -> Network:
        return self._network

    def cookies_for(self, url: URL, own: Pairs = ()) -> Pairs:
        """Return the cookies that go to a URL: those of this user, and a request's own."""
        return own if self.jar is None else merged(self.jar.for_url(url), own)

    def copy_of_cookies(self) -> Cookies | None:
        return None if self.jar is None else self.jar.copy()

    def recall_cookies(self, cookies: Cookies) -> None:
        """Start with a copy of these cookies, unless there are some."""
        if self.jar is None:
            self.jar = cookies.copy()

    def close(self) -> None:
        """Close every connection; nothing may be in flight."""
        self._deadline.close()
        for channel in self._channels.values():
            channel.shut()
        self._channels.clear()

    async def _exchange(self, request: Request) -> Response:
        """Connect if there is no connection, write the request, and await its response."""
        channel = self._channels.get(request.origin)
        try:
            if channel is None or not channel.is_open:
                channel = await self._connect(request.origin)
            # A local for the future would make a cycle: see Channel.data_received.
            return await self._write(channel, request)
        except NotTaken:
            self._channel = None
        return await self._write(await self._connect(request.origin), request)

    def _write(self, channel: Line, request: Request) -> Awaitable[Response]:
        data = self._with_cookies(request)
        self._channel = channel
        has_body = request.method != "HEAD"
        if request.form is not None:
            return channel.exchange_form(data, request.form, has_body)
        return channel.exchange(data, has_body)

    def _with_cookies(self, request: Request) -> bytes:
        """Return the request as it is sent, with the cookies of this user in it."""
        cookies = request.cookies
        if self.jar is not None:
            cookies = request.cookies_from(self.jar)
        if self.latency is None:  # the first hop, which is the caller's own request
            self.cookies = cookies
        return request.with_cookies(cookies) if cookies else request.wire

    def _count_redirect(self, hops: int) -> None:
        """Count a redirect; raises StepFailed for one too many."""
        if hops > self._network.options.max_redirects:
            raise StepFailed("redirect", f"more than {hops - 1} redirects", "loop")
        self._network.wire.redirects += 1

    def _part_from(self, channel: Line, request: Request) -> None:
        """Close the connection after its last exchange, or give it back to the other users."""
        if channel.is_spent or request.closes or not self._network.options.keepalive:
            self._drop(request.origin)
        else:
            self._give_back(request.origin)

    async def _connect(self, origin: Origin) -> Line:
        self._drop(origin)
        if origin.wants_http2 and (line := self._http2_to(origin)) is not None:
            self._channels[origin] = line
            return line
        self._network.prepare(origin)
        started_at = perf_counter()
        left = self._deadline.at - started_at
        try:
            # The connector's own limits would not cover the wait for a free connection. The real
            # time counts, not uvloop's, which stands still while the loop is at work.
            async with asyncio.timeout_at(monotonic() + left):
                if self._network.shares_connections:
                    # Another user may be waiting for the connection that we just gave back.
                    await asyncio.sleep(0)
                channel = await self._network.open(origin)
        except TimeoutError as error:
            raise connect_failed(error) from error
        finally:
            self.connect_time += perf_counter() - started_at
        self._channels[origin] = channel
        return channel

    def _http2_to(self, origin: Origin) -> Line | None:
        """Return the open HTTP/2 connection to the same place, for whatever steps it was made."""
        for other, line in self._channels.items():
            is_same = other.url == origin.url and other.verify == origin.verify
            if is_same and isinstance(line, Http2Channel) and line.is_open:
                return line
        return None

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

    def _keep_cookies(self, response: Response, request: Request) -> None:
        if self.jar is None:
            self.jar = Cookies()
        lines = response.headers.getall("Set-Cookie", ())
        self.jar.keep(lines, request.origin.host, request.path)
