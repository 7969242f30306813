"""Run the actions on a websocket that most loads repeat: to send or read a constant message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from ..errors import StepFailed, failure_of
from ..http.frames import BINARY, TEXT, Unmasked
from ..http.request import encoded
from ..http.websocket import Message, WebSocket
from ..measure.series import Counts, StepSeries
from ..values.expressions import Scope
from ..values.extraction import ResponseView
from ..values.text import to_text
from .context import CompileContext
from .session import Session
from .websocket_step import CompiledWebSocket

_READS = {"wr": True, "r": True, "w": False}
_SENDS = frozenset({"wr", "w"})


@dataclass(slots=True)
class ConstantMessage:
    """One action whose message never changes; it awaits the server's message and nothing else.

    It does what `CompiledWebSocket` does, in one coroutine and without a copy of the variables.
    `frame` is None for an action that only reads.
    """

    series: StepSeries
    step: CompiledWebSocket
    extract: tuple[tuple[str, Callable[[ResponseView, Scope], Any]], ...]
    check: tuple[Callable[[ResponseView, Scope], None], ...]
    frame: Unmasked | None
    reads: bool
    timeout: float

    async def run(self, session: Session) -> None:
        """Run the action; raises StepFailed after it has been counted."""
        series, counts = self.series, self.series.counts
        try:
            socket = self._socket(session)
        except Exception as error:
            # The failure gets no local name: it would make a reference cycle, see request_step.
            raise series.fail_unissued(failure_of(error), counts)  # noqa: B904
        if session.limiter is not None:
            await session.limiter.take()
        counts.issued += 1
        try:
            message = await self._act(socket, counts)
            scope = session.variables
            for name, value in self.extract:
                scope[name] = value(message, scope)
            for check in self.check:
                check(message, scope)
        except asyncio.CancelledError:
            counts.cancelled += 1
            raise
        except Exception as error:
            raise series.fail(failure_of(error), counts)  # noqa: B904
        counts.ok += 1

    def _socket(self, session: Session) -> WebSocket:
        step = self.step
        base = step.base_url
        if base is None:
            base = session.variables.get("base_url") or ""
            if type(base) is not str:
                base = to_text(base)
        _, key = step.places.get(base) or step.constant_place(base)
        socket = session.sockets.get(key)
        if socket is None:
            raise StepFailed("websocket", f"no websocket is open to {key}", "not_open")
        return socket

    async def _act(self, socket: WebSocket, counts: Counts) -> Message:
        began_at = perf_counter()
        try:
            if self.frame is not None and not socket.post(self.frame.masked()):
                await socket.drained(self.timeout)
            if not self.reads:
                return Message()
            if not socket.is_ready:
                await socket.ready(self.timeout)
            return socket.take()
        finally:
            counts.latencies.append(perf_counter() - began_at)


def constant_message(step: CompiledWebSocket, context: CompileContext) -> ConstantMessage | None:
    """Return the short way for a compiled action, None if anything in it can vary."""
    action, processors = step.step.action, step.processors
    is_open = not (processors.setup_hooks or processors.awaits or context.traced)
    if action not in _READS or not (
        is_open and step.variables.is_empty and step.has_constant_place
    ):
        return None
    frame = _frame(step) if action in _SENDS else None
    if frame is None and action in _SENDS:
        return None
    return ConstantMessage(
        series=step.series,
        step=step,
        extract=tuple((name, one.value) for name, one in processors.extractions.items()),
        check=tuple(one.run for one in processors.checks),
        frame=frame,
        reads=_READS[action],
        timeout=step.step.timeout,
    )


def _frame(step: CompiledWebSocket) -> Unmasked | None:
    """Return the frame of a constant text or of constant bytes, None for anything else."""
    if step.content is None or not step.content.constant:
        return None
    content = step.content.value
    if isinstance(content, bytes):
        return Unmasked(BINARY, content)
    if not isinstance(content, str):
        return None
    try:
        data = encoded(content)
    except StepFailed:
        return None
    return Unmasked(TEXT if step.step.text is not None else BINARY, data)
