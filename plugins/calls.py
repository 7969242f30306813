"""The book of calls into one plugin: who waits, who is in flight, how each one ended.

Plain synchronous bookkeeping, without a clock, a socket or a process of its own.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from boomtalk.engine.errors import PluginCallError
from boomtalk.engine.measure.histogram import Histogram
from boomtalk.engine.measure.plugins import FunctionSnapshot

from .arguments import encode_call
from .child import ERROR, PONG, RESULT, RESULT_EXACT, Frame, FrameError


@dataclass(slots=True)
class Tally:
    """Counts of one function; `runs` waits to be folded into `run`."""

    calls: int = 0
    errors: int = 0
    runs: list[float] = field(default_factory=list)
    run: Histogram = field(default_factory=Histogram)

    def fold(self) -> None:
        self.run.add(self.runs)
        self.runs.clear()


@dataclass(slots=True)
class Call:
    """One call that has been accepted and has not ended."""

    id: int
    name: str
    tally: Tally
    future: asyncio.Future[Any]
    frame: bytes
    called_at: float


class Calls:
    """Every call has exactly one end, and each end is counted here and nowhere else.

    A call that its caller cancelled is noticed when the book is next looked through or its turn
    comes; until then it counts as queued or in flight.
    """

    def __init__(self, window: int) -> None:
        self.accepted = self.ok = self.errors = self.timeouts = 0
        self.crashed = self.cancelled = self.unavailable = self.late_answers = 0
        self.tallies: dict[str, Tally] = {}
        self.queue: deque[Call] = deque()
        self.in_flight: dict[int, Call] = {}
        self.abandoned: set[int] = set()  # in the process still, but nobody waits for them
        self._window = window
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
            frame = encode_call(self._last_id, arguments)
        except ValueError as error:
            tally.errors += 1
            self.errors += 1
            future.set_exception(PluginCallError("plugin_error", f"{name}: {error}", "argument"))
            return False
        self.queue.append(Call(self._last_id, name, tally, future, frame, called_at))
        return True

    def refuse(self, future: asyncio.Future[Any], why: str) -> None:
        """Turn a call away that was never accepted."""
        self.unavailable += 1
        future.set_exception(PluginCallError("plugin_unavailable", why, "given_up"))

    def refuse_unknown(self, future: asyncio.Future[Any], why: str) -> None:
        """End a call of a function that does not exist."""
        self.accepted += 1
        self.errors += 1
        future.set_exception(PluginCallError("plugin_error", why, "unknown"))

    def take(self) -> list[bytes]:
        """Move calls from the queue into the window and return their frames to be written."""
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
        """End the calls that were answered. Raises FrameError for an answer nobody asked for."""
        for kind, call_id, run, payload in frames:
            call = self.in_flight.pop(call_id, None)
            if call is None:
                self._settle_stray(kind, call_id)
                continue
            try:
                self._end(call, kind, payload)
            except (ValueError, TypeError, FrameError) as error:
                self.in_flight[call_id] = call  # it has not ended; it goes with its process
                raise FrameError(f"an unreadable answer: {error}") from None
            call.tally.runs.append(run)
            self._waits.append(now - call.called_at - run)

    def _end(self, call: Call, kind: int, payload: bytes) -> None:
        if call.future.done():
            self.cancelled += 1
            self.late_answers += 1
        elif kind == RESULT:
            call.future.set_result(orjson.loads(payload))
            self.ok += 1
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
        """End the calls that were made before `before`; tell whether one was in flight."""
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
        """Count the calls whose callers have gone, and let go of them."""
        for call in [call for call in self.in_flight.values() if call.future.done()]:
            del self.in_flight[call.id]
            self.abandoned.add(call.id)
            self.cancelled += 1
        if any(call.future.done() for call in self.queue):
            left = [call for call in self.queue if not call.future.done()]
            self.cancelled += len(self.queue) - len(left)
            self.queue = deque(left)

    def requeue(self, unsent: Iterable[int]) -> None:
        """Put calls that were not fully written back in front; the next process gets them."""
        back = [self.in_flight.pop(call_id) for call_id in unsent if call_id in self.in_flight]
        self.abandoned.difference_update(unsent)
        self.queue.extendleft(reversed(back))

    def lose(self, why: str) -> None:
        """The process died: every call in flight has failed, once."""
        for call in self._clear():
            self._fail(call, "plugin_crashed", "crashed", f"the plugin process died ({why})", why)

    def lose_stuck(self) -> None:
        """A process that made no progress was replaced: what was in flight has timed out."""
        text = "the plugin process was stuck and has been replaced"
        for call in self._clear():
            self._fail(call, "plugin_timeout", "timeouts", text, "stuck")

    def _clear(self) -> list[Call]:
        lost = list(self.in_flight.values())
        self.in_flight.clear()
        self.abandoned.clear()
        return lost

    def refuse_all(self, why: str) -> None:
        """Given up: calls that never reached a process are refused, as if they came now."""
        for call in self.queue:
            if call.future.done():
                self.cancelled += 1
            else:
                self.accepted -= 1
                call.tally.calls -= 1
                self.refuse(call.future, why)
        self.queue.clear()

    def cancel_all(self) -> None:
        """The pool is closing: cancel every call that has not ended."""
        for call in [*self._clear(), *self.queue]:
            self.cancelled += 1
            call.future.cancel()
        self.queue.clear()

    def fold(self) -> None:
        """Move measured times into the histograms."""
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
