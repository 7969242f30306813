"""Walk through plain steps from one response to the next, with no task switch in between.

This is the way of almost every request of a load, so a line of it costs as much as a function
elsewhere: no coroutine, no copies, and lists and integers to count with. All other steps go the
general way of `request_step.py`; both count the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from time import perf_counter
from typing import Any, Protocol

from msgspec import Struct

from ..errors import StepFailed
from ..http.request import Request
from ..http.response import Response
from ..measure.added import Probe
from ..measure.series import Counts
from .plain_step import PlainRequest
from .preparation import Preparation
from .request_step import CompiledRequest
from .session import CompiledStep, Session

Again = Callable[[], bool]

# Where each body is another one, remembering each would be in vain.
_SELDOM = 16


class Stretch(Struct, frozen=True):
    """Consecutive plain steps, as one step."""

    steps: Sequence[PlainRequest]

    @classmethod
    def of(cls, step: CompiledRequest) -> Stretch:
        """Return a stretch of one step, which must be plain."""
        return cls((PlainRequest.over(step),))

    async def run(self, session: Session) -> None:
        await Walk(self.steps, session).run()


def plain_of(steps: Sequence[CompiledStep]) -> Sequence[PlainRequest] | None:
    """Return the steps if all are plain, else None."""
    match steps:
        case [Stretch(plain)]:
            return plain
        case _:
            return None


class Called(Protocol):
    """Is called when a walk cannot go on by itself; a future is one."""

    def done(self) -> bool: ...

    def set_result(self, result: None, /) -> None: ...


class Walk:
    """Takes one user through plain steps, and through them again while `again` says so.

    `again` is asked behind the last step: it ends the iteration and begins the next one, or
    returns False. The walk `is_over` when all steps have passed.

    The channel calls the walk with each response, and the walk sends the next request at once, or
    when the plugin calls and the permit that this one needs have called back. `run` sleeps
    meanwhile. It is called for what else has to be awaited (a connection, a redirect), for a
    failure, and at the end. `start` does the same without a coroutine: only that call makes one
    necessary, which is `finish`.
    """

    __slots__ = (
        "_again",
        "_agent",
        "_called",
        "_counts",
        "_failure",
        "_index",
        "_preparation",
        "_probe",
        "_request",
        "_rest",
        "_scope",
        "_session",
        "_step",
        "_steps",
        "_turn",
        "is_over",
    )

    def __init__(
        self, steps: Sequence[PlainRequest], session: Session, again: Again = bool
    ) -> None:
        self._steps = steps
        self._session = session
        self._again = again
        self._agent = session.agent
        self._turn = session.agent.network.turn
        self._called: Called
        self._index = 0
        self._preparation: Preparation | None = None
        self._step: PlainRequest
        self.is_over = False
        self._counts: Counts
        self._request: Request
        self._scope: dict[str, Any]
        self._probe: Probe | None = None
        self._rest: Callable[[], Awaitable[Response]] | None = None
        self._failure: BaseException | None = None

    def drop_failure(self) -> bool:
        """Return whether a step has failed and was counted; `finish` is not needed then."""
        has_failed = isinstance(self._failure, StepFailed)
        if has_failed:
            self._failure = None
        return has_failed

    def start(self, called: Called) -> None:
        """Run the steps from the first one, and call `called` once when `finish` is needed.

        A walk that is over can be started again.
        """
        self._called = called
        self._index = 0
        self.is_over = False
        try:
            if self._begin():
                return
        except Exception as error:
            self._failure = error
        called.set_result(None)

    def cut(self) -> None:
        """End what was started, and count the request under way as cancelled."""
        is_under_way = not self.is_over and self._failure is None
        if is_under_way and not self._drop_preparation():
            self._broken(asyncio.CancelledError())

    async def run(self) -> None:
        """Run the steps; raises StepFailed after it has been counted."""
        self._called = called = self._turn.loop.create_future()
        self._begin()
        await self._go_on(called)

    async def finish(self) -> None:
        """Run what is left of the steps that were started, as `run` does."""
        self._called = called = self._turn.loop.create_future()
        await self._go_on(called)

    async def _go_on(self, called: asyncio.Future[None]) -> None:
        while not self.is_over:
            if self._failure is not None:
                raise self._counted()
            rest, self._rest = self._rest, None
            if rest is not None:
                self._settle(await self._answer(rest()))
                continue
            await self._answer(called)
            self._called = called = self._turn.loop.create_future()

    async def _answer(self, rest: Awaitable[Any]) -> Any:
        try:
            return await rest
        except BaseException as error:
            # No local name for the failure: see CompiledRequest._prepare.
            if isinstance(rest, asyncio.Future) and (
                self._is_settled(rest) or self._drop_preparation()
            ):
                if self._failure is not None:
                    self._cancel_later()
                    raise self._counted() from None
                raise
            raise self._broken(error)  # noqa: B904

    def _is_settled(self, called: asyncio.Future[None]) -> bool:
        """Return whether the response was counted before a cancellation came.

        Nothing was sent since. A task that is cancelled when it has been woken, but before its
        turn, gets a CancelledError in place of the result.
        """
        return called.done() and not called.cancelled() and self._rest is None

    def _cancel_later(self) -> None:
        """Let the next await of this task raise the cancellation, since a failure came first."""
        task = asyncio.current_task()
        assert task is not None
        task.cancel()

    def _drop_preparation(self) -> bool:
        """Give up a request that is being prepared; returns False if none is."""
        preparation, self._preparation = self._preparation, None
        if preparation is None:
            return False
        preparation.drop()
        return True

    def _counted(self) -> BaseException:
        """Return the failure, which is no longer referred to from here."""
        failure, self._failure = self._failure, None
        assert failure is not None
        return failure

    def done(self) -> bool:
        """Whether nobody waits for the response any more."""
        return self._called.done()

    def set_result(self, response: Response) -> None:
        """Note the response; called by the channel."""
        # As `Turn.add` does.
        turn = self._turn
        if not turn.arrived:
            turn.begin()
        turn.arrived.append((self, response))

    def set_exception(self, failure: BaseException) -> None:
        """Note that no response will come; called by the channel."""
        self._failure = self._broken(failure)
        self._called.set_result(None)

    def take(self, response: Response) -> None:
        """Work on the response, and go on as far as nothing has to be awaited."""
        if self._called.done():  # the user was cancelled meanwhile
            return
        try:
            target = self._agent.end(self._request, response)
        except Exception as error:
            self._failure = self._broken(error)
        else:
            try:
                if target is not None:
                    self._rest = partial(self._agent.follow, target)
                elif self._settle(response):
                    return
            except Exception as error:
                self._failure = error
        self._called.set_result(None)

    def _begin(self) -> bool:
        """Make the request of the next step and send it; returns whether something will call.

        Nothing will behind the last step, nor if something has to be awaited.
        """
        steps, session = self._steps, self._session
        if self._index == len(steps):
            if not self._again():
                self.is_over = True
                return False
            self._index = 0
        step = self._step = steps[self._index]
        self._index += 1
        if step.awaits or session.limiter is not None:
            work = step._prepare(session)
            self._preparation = Preparation(work, self._wake, self._turn.loop)
            return self._prepare()
        scope = session.variables
        try:
            if step.has_variables:
                scope = step.variables.evaluate_now(scope)
            self._request = step.made(scope)
        except Exception as error:
            raise step._not_sent(error, session, scope, step.series.counts)  # noqa: B904
        self._scope = scope
        return self._send()

    def _wake(self, _: object) -> None:
        """Go on with the preparation; called by what it has awaited."""
        if self._called.done():  # the user was cancelled meanwhile
            return
        try:
            if self._prepare():
                return
        except (Exception, asyncio.CancelledError) as error:  # a plugin that closes cancels
            self._failure = error
        self._called.set_result(None)

    def _prepare(self) -> bool:
        """Prepare the request as far as nothing has to be awaited; returns what `_begin` does."""
        preparation = self._preparation
        assert preparation is not None
        try:
            prepared = preparation.go_on()
        except BaseException:
            self._preparation = None
            raise
        if prepared is None:
            return True
        self._preparation = None
        self._scope, self._request = prepared
        return self._send()

    def _send(self) -> bool:
        step, agent = self._step, self._agent
        counts = self._counts = step.series.counts
        counts.issued += 1
        try:
            # As `is_next` does.
            if (added := step.added) is not None:
                added.left -= 1
                if added.left <= 0:
                    self._probe = added.probe(step.series, agent)
            is_written = agent.begin(self._request, self)
        except Exception as error:
            raise self._broken(error)  # noqa: B904
        if not is_written:
            self._rest = partial(agent.connect_and_send, self._request)
        return is_written

    def _settle(self, response: Response) -> bool:
        """Count the response and judge it, and begin the next step, as `_begin` does."""
        step, session, scope, counts = self._step, self._session, self._scope, self._counts
        latency = response.elapsed
        counts.latencies.append(latency)
        counts.bytes_in += len(response.content)
        counts.status[response.status] += 1
        probe, self._probe = self._probe, None
        if self._agent.connect_time or probe is not None:
            step._count_more(session, counts, probe, latency)
        if session.ready_at is not None:
            counts.responses.append(perf_counter() - session.ready_at)
        try:
            for name, value in step.extract:
                scope[name] = session.variables[name] = value(response, scope)
            if response.content != step.passed_content or (
                response.head is not step.passed_head and response.status != step.passed_status
            ):
                for check in step.check:
                    check(response, scope)
                if step.bytes_decide and counts.ok % _SELDOM == 0:
                    step.remember(response)
        except Exception as error:
            raise step._failed(error, session, self._request, response, scope, counts)  # noqa: B904
        counts.ok += 1
        if (keeper := step.keeper) is not None and latency > keeper.slow_above:
            keeper.add_slow(step.series, session, self._request, response, scope)
        if session.ready_at is not None:
            session.ready_at = perf_counter()
        return self._begin()

    def _broken(self, error: BaseException) -> BaseException:
        """Count an exchange that raised, and return what to raise."""
        step, agent, counts = self._step, self._agent, self._counts
        agent.fail(self._request)
        step._count_broken(agent, counts, error)
        if isinstance(error, asyncio.CancelledError):
            counts.cancelled += 1
        if not isinstance(error, Exception):
            return error
        return step._failed(error, self._session, self._request, None, self._scope, counts)
