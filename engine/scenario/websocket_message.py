"""Prepare the actions on a websocket that most loads repeat: to send or read a constant message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from ..errors import StepFailed
from ..http.frames import BINARY, TEXT, Unmasked
from ..http.request import encoded
from ..http.websocket import Message, WebSocket
from ..measure.series import StepSeries
from ..values.expressions import Scope
from ..values.extraction import ResponseView
from ..values.text import to_text
from .context import CompileContext
from .plain_step import LONGEST_JUDGED_ONCE
from .session import Session
from .websocket_step import CompiledWebSocket

_READS = {"wr": True, "r": True, "w": False}
_SENDS = frozenset({"wr", "w"})


class ConstantMessage(Struct):
    """One action whose message never changes; it awaits the server's message and nothing else.

    It is what `CompiledWebSocket` does, without a copy of the variables. `frame` is None for an
    action that only reads. If `bytes_decide` whether its checks hold, a message with the bytes of
    the last one that `passed` passes, too.
    """

    series: StepSeries
    step: CompiledWebSocket
    extract: tuple[tuple[str, Callable[[ResponseView, Scope], Any]], ...]
    check: tuple[Callable[[ResponseView, Scope], None], ...]
    frame: Unmasked | None
    reads: bool
    timeout: float
    bytes_decide: bool
    passed: bytes | None = None

    def socket(self, session: Session) -> WebSocket:
        """Return the websocket; raises StepFailed if it is not open."""
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

    def judge(self, answer: Message, scope: dict[str, Any]) -> None:
        """Extract values into the scope, and check the answer; raises StepFailed."""
        for name, value in self.extract:
            scope[name] = value(answer, scope)
        content = answer.content
        if content == self.passed:
            return
        for check in self.check:
            check(answer, scope)
        if self.bytes_decide and len(content) <= LONGEST_JUDGED_ONCE:
            self.passed = content


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
        bytes_decide=processors.bytes_decide,
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
