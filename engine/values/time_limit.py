"""This module ends searches of a response that compute for too long: patterns and JMESPath.

Python's `re` keeps the interpreter's lock while it searches, so no thread can end it. But every
few thousand steps it lets signal handlers run. So one timer for the whole run sends a signal
after each bit of computing time of the process, and its handler raises once a single search has
lasted for too many of them. A search itself costs two stores more.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, TypeVar

# Seconds of computing time, which other programs on a busy machine do not use up. A plain pattern
# reads a hundred megabytes in one of them.
LIMIT = 1.0
_TICK = 0.1

T = TypeVar("T")
Given = TypeVar("Given")


class SearchTooLong(ValueError):
    """A search computed for longer than the limit."""

    def __init__(self) -> None:
        super().__init__(f"ended after {LIMIT:g} s of computing")


@dataclass(slots=True)
class _Watch:
    """The search under way in the main thread, and how often the timer has fired during it.

    There is one for the process, because there is one timer: handlers of signals are global.
    """

    is_searching: bool = False
    ticks: int = 0
    runs: int = 0
    before: Any = signal.SIG_DFL

    def tick(self, number: int, frame: FrameType | None) -> None:
        self.ticks += 1
        if self.is_searching and self.ticks * _TICK > LIMIT:
            self.is_searching = False
            raise SearchTooLong


_watch = _Watch()


def limited(search: Callable[[Given], T], given: Given) -> T:
    """Return what the search finds; raises SearchTooLong within `searches_end`."""
    watch = _watch
    watch.ticks = 0
    watch.is_searching = True
    try:
        return search(given)
    finally:
        watch.is_searching = False


@contextmanager
def searches_end() -> Iterator[None]:
    """Let searches end at the limit while the body of the `with` runs.

    Signals can be used in the main thread only. In any other (a shard on Ray) this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _watch.runs += 1
    if _watch.runs == 1:
        _start()
    try:
        yield
    finally:
        _watch.runs -= 1
        if not _watch.runs:
            _stop()


def _start() -> None:
    _watch.before = signal.signal(signal.SIGVTALRM, _watch.tick)
    # Calls of the system that wait in C code go on after the signal instead of failing.
    signal.siginterrupt(signal.SIGVTALRM, False)
    # Computing time, so that an idle process is not woken. Children do not inherit the timer.
    signal.setitimer(signal.ITIMER_VIRTUAL, _TICK, _TICK)


def _stop() -> None:
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    # A signal that is on its way must not end the process, which is its default.
    is_free = _watch.before in (None, signal.SIG_DFL)
    signal.signal(signal.SIGVTALRM, signal.SIG_IGN if is_free else _watch.before)
