"""Take a user through constant messages on websockets, with no task switch between them.

The websocket calls when a message has come, and the next one is sent at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from functools import partial
from time import perf_counter

from msgspec import Struct

from ..errors import StepFailed, failure_of
from ..http.websocket import Message
from .session import Session
from .websocket_message import ConstantMessage

# What has to be awaited before the next message; None for the call of the websocket.
Rest = Callable[[], Awaitable[None]] | None


class Conversation(Struct, frozen=True):
    """Consecutive messages, as one step."""

    messages: Sequence[ConstantMessage]

    async def run(self, session: Session) -> None:
        await Talk(self.messages, session).run()


class Talk:
    """Sends and takes messages as far as nothing has to be awaited but the websocket's call."""

    __slots__ = ("_arrived_at", "_called", "_failure", "_is_over", "_line", "_rest", "_turn")

    def __init__(self, messages: Sequence[ConstantMessage], session: Session) -> None:
        self._turn = session.agent.network.turn
        self._line = self._said(messages, session)
        self._called: asyncio.Future[None] = self._turn.loop.create_future()
        self._arrived_at: float | None = None
        self._rest: Rest = None
        self._is_over = False
        self._failure: BaseException | None = None

    async def run(self) -> None:
        """Run the messages; raises StepFailed after it has been counted."""
        self._go_on()
        while not self._is_over:
            rest = self._rest
            try:
                await (self._called if rest is None else rest())
            except BaseException as error:
                self._go_on(error)
            if rest is not None:
                self._go_on()
            elif self._failure is not None:
                raise self._raised()
            else:
                self._called = self._turn.loop.create_future()

    def done(self) -> bool:
        """Whether nobody waits for the message any more."""
        return self._called.done()

    def set_result(self, _: None) -> None:
        """Note that the websocket has something; called by it."""
        self._arrived_at = perf_counter()
        # As `Turn.add` does.
        turn = self._turn
        if not turn.arrived:
            turn.begin()
        turn.arrived.append((self, None))

    def set_exception(self, failure: StepFailed) -> None:
        """Note that nothing will come; called by the websocket."""
        self._arrived_at = perf_counter()
        self._turn.add(self, failure)

    def take(self, failure: StepFailed | None) -> None:
        """Take what has come, and go on as far as nothing else has to be awaited."""
        if self._called.done():  # the user was cancelled meanwhile
            return
        try:
            self._go_on(failure)
        except Exception as error:
            self._failure = error
        if self._is_over or self._rest is not None:
            self._called.set_result(None)

    def _go_on(self, error: BaseException | None = None) -> None:
        """Go on to the next wait, by raising the error where the messages wait."""
        line = self._line
        try:
            self._rest = next(line) if error is None else line.throw(error)
        except StopIteration:
            self._is_over = True
        except BaseException:
            self._is_over = True
            raise

    def _raised(self) -> BaseException:
        """Return the failure, which is no longer referred to from here."""
        failure, self._failure = self._failure, None
        assert failure is not None
        return failure

    def _said(
        self, messages: Sequence[ConstantMessage], session: Session
    ) -> Generator[Rest, None, None]:
        """Run the messages; yields what has to be awaited."""
        for message in messages:
            series, counts = message.series, message.series.counts
            try:
                socket = message.socket(session)
            except Exception as error:
                # The failure gets no local name: it would make a cycle, see request_step.
                raise series.fail_unissued(failure_of(error), counts)  # noqa: B904
            if session.limiter is not None:
                yield session.limiter.take
            counts.issued += 1
            began_at = perf_counter()
            self._arrived_at = None
            try:
                try:
                    if message.frame is not None and not socket.post(message.frame.masked()):
                        yield partial(socket.drained, message.timeout)
                    if message.reads and socket.call(self, message.timeout):
                        yield None
                    answer = socket.take() if message.reads else Message()
                finally:
                    counts.latencies.append((self._arrived_at or perf_counter()) - began_at)
                message.judge(answer, session.variables)
            except asyncio.CancelledError:
                counts.cancelled += 1
                raise
            except Exception as error:
                raise series.fail(failure_of(error), counts)  # noqa: B904
            counts.ok += 1
            if session.ready_at is not None:
                session.ready_at = perf_counter()
