"""Run a websocket step: one action on a connection, counted like a request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from time import perf_counter
from typing import Any

from msgspec import Struct
from multidict import CIMultiDict
from yarl import URL

from ..case.model import Config, WebSocketStep
from ..errors import StepFailed, failure_of
from ..http.address import without_user
from ..http.cookies import cookie_line
from ..http.frames import LONGEST_CONTROL
from ..http.request import encoded
from ..http.response import Response
from ..http.websocket import Answer, Message, WebSocket
from ..measure.series import Counts, StepSeries
from ..request.body import pairs_of
from ..request.headers import USER_AGENT, authorize, merge_headers
from ..request.url import resolve
from ..values.expressions import Template
from ..values.extraction import ResponseView
from ..values.text import json_text, to_text
from ..values.variables import Variables
from .context import CompileContext
from .hooks import call_hooks, run_teardown
from .processors import Processors, compile_processors
from .session import Session
from .static_scope import StaticScope

# How many bytes of a message these actions carry (RFC 6455, 5.5); a close frame begins with a code.
_CONTROL = {"ping": LONGEST_CONTROL, "close": LONGEST_CONTROL - 2}


class Action(Struct, frozen=True):
    """An action with rendered values; `key` identifies the connection."""

    url: URL
    key: str
    headers: Mapping[str, str]
    content: str | bytes


class CompiledWebSocket(Struct):
    """One action on a websocket connection of the session; its URL identifies the connection.

    `places` caches a constant URL and its text, by the base URL that it was made with.
    """

    series: StepSeries
    step: WebSocketStep
    url: Template
    params: Mapping[str, Template]
    headers: Mapping[str, Template]
    content: Template | None
    variables: Variables
    processors: Processors
    base_url: str | None
    verify: bool
    places: dict[str, tuple[URL, str]]

    async def run(self, session: Session) -> None:
        """Run the action; raises StepFailed after it has been counted."""
        counts = self.series.counts
        try:
            scope = await self.variables.evaluate(session.variables)
            action = await self._prepare(session, scope)
            if self._is_done(session, action):
                return
            self._demand_socket(session, action)
        except Exception as error:
            # The failure gets no local name: it would make a reference cycle, see request_step.
            raise self.series.fail_unissued(failure_of(error), counts)  # noqa: B904
        await self._count(session, action, scope, counts)

    async def _count(
        self, session: Session, action: Action, scope: dict[str, Any], counts: Counts
    ) -> None:
        if session.limiter is not None:
            await session.limiter.take()
        counts.issued += 1
        try:
            answer = await self._timed(session, action, counts)
            if answer.status:  # that of a handshake, or of a close frame
                counts.status[answer.status] += 1
            await self._judge(session, answer, scope)
        except asyncio.CancelledError:
            counts.cancelled += 1
            raise
        except Exception as error:
            raise self.series.fail(failure_of(error), counts)  # noqa: B904
        counts.ok += 1

    async def _prepare(self, session: Session, scope: dict[str, Any]) -> Action:
        if session.journal is not None:
            await session.journal.name(scope)
        url, key = await self._place(scope)
        headers: Mapping[str, str] = {}
        if self.step.action == "open" or session.journal is not None:
            headers = await self._headers(session, url, scope)
        content = await self._content(scope)
        if hooks := self.processors.setup_hooks:
            views = {"hrp_step_name": self.step.name.value, "hrp_step_request": {"url": key}}
            await call_hooks(hooks, scope, views, "setup")
        if session.journal is not None:
            sent = {"method": self.step.action, "url": key, "headers": headers, "body": content}
            session.journal.current.sent = sent
        return Action(url, key, headers, content)

    async def _place(self, scope: Mapping[str, Any]) -> tuple[URL, str]:
        """Return the URL and its text; a constant URL is made once per base URL."""
        base = self.base_url if self.base_url is not None else to_text(scope.get("base_url") or "")
        if (known := self.places.get(base)) is not None:
            return known
        if self.has_constant_place:
            return self.constant_place(base)
        params = {name: await part.render_async(scope) for name, part in self.params.items()}
        return _place_of(base, await self.url.render_async(scope), params)

    @property
    def has_constant_place(self) -> bool:
        """Whether only the base URL can change the URL."""
        return self.url.constant and all(part.constant for part in self.params.values())

    def constant_place(self, base: str) -> tuple[URL, str]:
        """Return a constant URL and its text, and keep them for this base URL."""
        params = {name: part.value for name, part in self.params.items()}
        place = _place_of(base, self.url.value, params)
        self.places = {base: place}
        return place

    async def _headers(
        self, session: Session, url: URL, scope: Mapping[str, Any]
    ) -> CIMultiDict[str]:
        headers: CIMultiDict[str] = CIMultiDict()
        for name, part in self.headers.items():
            headers.add(name, to_text(await part.render_async(scope)))
        headers.setdefault("User-Agent", USER_AGENT)
        authorize(headers, url, session.agent.network.options)
        if cookies := session.agent.cookies_for(url):
            headers.setdefault("Cookie", cookie_line(cookies))
        return headers

    async def _content(self, scope: Mapping[str, Any]) -> str | bytes:
        if self.content is None:
            return b""
        content: Any = self.content.value
        if not self.content.constant:
            content = await self.content.render_async(scope)
        if not isinstance(content, str | bytes):
            content = json_text(content)
        if self.step.text is None and isinstance(content, str):
            content = content.encode()
        if self.step.action in _CONTROL:
            content = _control(content, _CONTROL[self.step.action])
        return content  # type: ignore[no-any-return]

    def _is_done(self, session: Session, action: Action) -> bool:
        """Return whether the connection to open is open already; then the step does nothing."""
        socket = session.sockets.get(action.key)
        is_open = socket is not None and socket.is_open
        return self.step.action == "open" and is_open and not self.step.new_connection

    def _demand_socket(self, session: Session, action: Action) -> None:
        if self.step.action != "open" and action.key not in session.sockets:
            raise StepFailed("websocket", f"no websocket is open to {action.key}", "not_open")

    async def _timed(self, session: Session, action: Action, counts: Counts) -> Answer:
        began_at = perf_counter()
        try:
            return await self._act(session, action)
        finally:
            counts.latencies.append(perf_counter() - began_at)

    def _act(self, session: Session, action: Action) -> Awaitable[Answer]:
        step = self.step
        if step.action == "open":
            return self._open(session, action)
        if step.action == "close":
            assert isinstance(action.content, bytes)
            socket = session.sockets.pop(action.key)
            return socket.close(step.close_status, step.timeout, action.content)
        socket = session.sockets[action.key]
        if step.action == "wr":
            return socket.ask(action.content, step.timeout)
        if step.action == "r":
            return socket.read(step.timeout)
        if step.action == "ping":
            assert isinstance(action.content, bytes)
            return _unanswered(socket.ping(action.content, step.timeout))
        return _unanswered(socket.write(action.content, step.timeout))

    async def _open(self, session: Session, action: Action) -> Response:
        if (old := session.sockets.pop(action.key, None)) is not None:
            old.abort()
        socket = await WebSocket.open(
            session.agent.network, action.url, action.headers, self.verify, self.step.timeout
        )
        session.sockets[action.key] = socket
        return socket.response

    async def _judge(self, session: Session, answer: Answer, scope: dict[str, Any]) -> None:
        if session.journal is not None:
            session.journal.current.response = answer
        seen: ResponseView = answer
        if hooks := self.processors.teardown_hooks:
            about = {"hrp_step_name": self.step.name.value}
            seen = await run_teardown(hooks, about, answer, scope)
        await self.processors.judge(session, seen, scope)


def compile_websocket(
    step: WebSocketStep,
    config: Config,
    scope: StaticScope,
    context: CompileContext,
    series: StepSeries,
) -> CompiledWebSocket | None:
    """Compile one action; returns None if its URL has a problem, which the scope keeps."""
    variables = scope.variables(step)
    inside = scope.within(step)
    url = inside.url(step.url)
    written = step.text if step.text is not None else step.binary
    content = inside.template(written) if written is not None else None
    params = inside.templates(step.params)
    headers = inside.templates(merge_headers(config.headers, step.headers))
    processors = compile_processors(step, inside)
    if url is None:
        return None
    return CompiledWebSocket(
        series=series,
        step=step,
        url=url,
        params=params,
        headers=headers,
        content=content,
        variables=variables,
        processors=processors,
        base_url=context.settings.base_url,
        verify=config.verify is not False,
        places={},
    )


async def _unanswered(sending: Awaitable[None]) -> Message:
    await sending
    return Message()


def _place_of(base: str, written: Any, params: Mapping[str, Any]) -> tuple[URL, str]:
    url = resolve(base, to_text(written), pairs_of(params))
    return url, without_user(str(url))


def _control(content: str | bytes, most: int) -> bytes:
    """Return what a ping or a close carries; raises StepFailed for more than fits in."""
    data = encoded(content) if isinstance(content, str) else content
    if len(data) > most:
        raise StepFailed("template", f"a control frame has no room for {len(data)} bytes", "frame")
    return data
