"""Keep account of the calls into one plugin: waiting, in flight, and how each one ended.

All of it is synchronous and has no clock, socket or process of its own, so that no await can
come between the end of a call and its count.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
from boomtalk.engine.errors import PluginCallError
from boomtalk.engine.measure.histogram import Histogram
from boomtalk.engine.measure.plugins import FunctionSnapshot
from msgspec import Struct, field

from .child import ERROR, PONG, RESULT, RESULT_EXACT, Frame, FrameError


class Tally(Struct):
    """The counts of one function; `runs` holds run times that `fold` moves into `run`."""

    calls: int = 0
    errors: int = 0
    runs: list[float] = field(default_factory=list)
    run: Histogram = field(default_factory=Histogram)

    def fold(self) -> None:
        self.run.add(self.runs)
        self.runs.clear()


class Call(Struct):
    """A call that was accepted and has not ended."""

    id: int
    name: str
    tally: Tally
    future: asyncio.Future[Any]
    frame: bytes
    called_at: float


class Calls:
    """Holds all calls. Each call ends exactly once, and is counted here and nowhere else.

    The cancellation of a call is noticed when its turn comes or at the next `drop_cancelled`;
    until then it counts as queued or in flight.
    """

    def __init__(self, window: int, encode: Callable[[int, Sequence[Any]], bytes]) -> None:
        self.accepted = self.ok = self.errors = self.timeouts = 0
        self.crashed = self.cancelled = self.unavailable = self.late_answers = 0
        self.tallies: dict[str, Tally] = {}
        self.queue: deque[Call] = deque()
        self.in_flight: dict[int, Call] = {}
        self.abandoned: set[int] = set()  # still running in the process, but no caller waits
        self._window = window
        self._encode = encode
        self._last_id = 0
        self._waits: list[float] = []
        self._wait = Histogram()

    def add(
        self, name: str, arguments: Sequence[Any], future: asyncio.Future[Any], called_at: float
    ) -> bool:
        """Queue a call of (name, args, kwargs, watched); return False if it has ended already."""
        tally = self.tallies[name]
        tally.calls += 1
        self.accepted += 1
        self._last_id += 1
        try:
            frame = self._encode(self._last_id, arguments)
        except ValueError as error:
            tally.errors += 1
            self.errors += 1
            future.set_exception(PluginCallError("plugin_error", f"{name}: {error}", "argument"))
            return False
        self.queue.append(Call(self._last_id, name, tally, future, frame, called_at))
        return True

    def refuse(self, future: asyncio.Future[Any], why: str) -> None:
        """Reject a call without accepting it."""
        self.unavailable += 1
        future.set_exception(PluginCallError("plugin_unavailable", why, "given_up"))

    def refuse_unknown(self, future: asyncio.Future[Any], why: str) -> None:
        """Fail a call of a function that does not exist."""
        self.accepted += 1
        self.errors += 1
        future.set_exception(PluginCallError("plugin_error", why, "unknown"))

    def take(self) -> list[bytes]:
        """Move calls from the queue into the window, and return their frames for writing.

        Abandoned calls take room in the window, too: they still occupy threads of the process.
        """
        frames = []
        room = self._window - len(self.in_flight) - len(self.abandoned)
        queue = self.queue
        while queue and room > 0:
            call = queue.popleft()
            if call.future.done():
                self.cancelled += 1
                continue
            self.in_flight[call.id] = call
            frames.append(call.frame)
            room -= 1
        return frames

    def settle(self, frames: Iterable[Frame], now: float) -> None:
        """End the calls that were answered; raises FrameError for an answer to no known call."""
        take, waited = self.in_flight.pop, self._waits.append
        for kind, call_id, run, payload in frames:
            call = take(call_id, None)
            if call is None:
                self._settle_stray(kind, call_id)
                continue
            try:
                if kind == RESULT and not call.future.done():  # nearly all
                    call.future.set_result(orjson.loads(payload))
                    self.ok += 1
                else:
                    self._end(call, kind, payload)
            except (ValueError, TypeError, FrameError) as error:
                self.in_flight[call_id] = call  # it has not ended: `lose` ends it with the process
                raise FrameError(f"an unreadable answer: {error}") from None
            call.tally.runs.append(run)
            waited(now - call.called_at - run)

    def _end(self, call: Call, kind: int, payload: bytes) -> None:
        if call.future.done():
            self.cancelled += 1
            self.late_answers += 1
        elif kind == RESULT_EXACT:
            call.future.set_result(json.loads(payload))
            self.ok += 1
        elif kind == ERROR:
            detail, message, frames = json.loads(payload)
            self._fail(call, "plugin_error", "errors", message, detail, frames)
        else:
            raise FrameError(f"a frame of kind {kind}")

    def _settle_stray(self, kind: int, call_id: int) -> None:
        if kind == PONG:
            return
        if call_id not in self.abandoned:
            raise FrameError(f"an answer to call {call_id}, which is not in flight")
        self.abandoned.discard(call_id)
        self.late_answers += 1

    def _fail(
        self, call: Call, kind: str, counter: str, text: str, detail: str, traceback: str = ""
    ) -> None:
        if call.future.done():
            self.cancelled += 1
            return
        setattr(self, counter, getattr(self, counter) + 1)
        if kind == "plugin_error":
            call.tally.errors += 1
        message = f"{call.name}: {text}"
        call.future.set_exception(PluginCallError(kind, message, detail, traceback))

    def expire(self, before: float, seconds: float) -> bool:
        """Time out the calls made before `before`; return whether one of them was in flight."""
        late = list(_older(self.in_flight.values(), before))
        for call in late:
            del self.in_flight[call.id]
            self.abandoned.add(call.id)
            self._time_out(call, seconds, "call")
        while self.queue and self.queue[0].called_at < before:
            self._time_out(self.queue.popleft(), seconds, "queue")
        return bool(late)

    def _time_out(self, call: Call, seconds: float, detail: str) -> None:
        self._fail(call, "plugin_timeout", "timeouts", f"no answer within {seconds:g} s", detail)

    def drop_cancelled(self) -> None:
        """Count and remove the calls that their callers have cancelled."""
        for call in [call for call in self.in_flight.values() if call.future.done()]:
            del self.in_flight[call.id]
            self.abandoned.add(call.id)
            self.cancelled += 1
        if any(call.future.done() for call in self.queue):
            left = [call for call in self.queue if not call.future.done()]
            self.cancelled += len(self.queue) - len(left)
            self.queue = deque(left)

    def requeue(self, unsent: Iterable[int]) -> None:
        """Put calls that were not fully written back to the front of the queue.

        The old process cannot have run them, so the next process may.
        """
        back = [self.in_flight.pop(call_id) for call_id in unsent if call_id in self.in_flight]
        self.abandoned.difference_update(unsent)
        self.queue.extendleft(reversed(back))  # extendleft reverses, so the order stays

    def lose(self, text: str, detail: str) -> None:
        """Fail every call in flight, because the process died."""
        for call in self._clear():
            self._fail(call, "plugin_crashed", "crashed", text, detail)

    def lose_stuck(self) -> None:
        """Time out every call in flight, because the process made no progress and is replaced."""
        text = "the plugin process was stuck and has been replaced"
        for call in self._clear():
            self._fail(call, "plugin_timeout", "timeouts", text, "stuck")

    def _clear(self) -> list[Call]:
        lost = list(self.in_flight.values())
        self.in_flight.clear()
        self.abandoned.clear()
        return lost

    def refuse_all(self, why: str) -> None:
        """Refuse the queued calls, because the plugin was given up.

        They never reached a process, so they count as refused and not as accepted.
        """
        for call in self.queue:
            if call.future.done():
                self.cancelled += 1
            else:
                self.accepted -= 1
                call.tally.calls -= 1
                self.refuse(call.future, why)
        self.queue.clear()

    def cancel_all(self) -> None:
        """Cancel every call that has not ended, because the pool closes."""
        for call in [*self._clear(), *self.queue]:
            self.cancelled += 1
            call.future.cancel()
        self.queue.clear()

    def fold(self) -> None:
        """Move the measured times into the histograms."""
        self._wait.add(self._waits)
        self._waits.clear()
        for tally in self.tallies.values():
            tally.fold()

    def wait(self) -> Histogram:
        return self._wait.copy()

    def run(self) -> Histogram:
        total = Histogram()
        for tally in self.tallies.values():
            total.merge(tally.run)
        return total

    def functions(self) -> tuple[FunctionSnapshot, ...]:
        """Return the functions that were called, in the order of their definition."""
        return tuple(
            FunctionSnapshot(name, tally.calls, tally.errors, tally.run.copy())
            for name, tally in self.tallies.items()
            if tally.calls
        )


def _older(calls: Iterable[Call], before: float) -> Iterable[Call]:
    for call in calls:
        if call.called_at >= before:
            return
        yield call
