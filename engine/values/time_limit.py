"""This module ends searches of a response that compute for too long: patterns and JMESPath.

Python's `re` keeps the interpreter's lock while it searches, so no thread can end it. But every
few thousand steps it lets signal handlers run. So one timer for the whole run sends a signal
after each tenth of a second of computing time, and its handler raises once a single search has
lasted for too many of them. A search itself only sets two marks.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

from msgspec import Struct

# Seconds of computing time, which other programs on a busy machine do not use up. A plain pattern
# reads a hundred megabytes in one of them.
LIMIT = 1.0
_TICK = 0.1
_SEARCHERS = ("boomtalk.engine.values.", "jmespath.")

T = TypeVar("T")
Given = TypeVar("Given")


class SearchTooLong(ValueError):
    """A search computed for longer than the limit."""

    def __init__(self) -> None:
        super().__init__(f"ended after {LIMIT:g} s of computing")


class _Watch(Struct):
    """The timer, and how often it has fired during the search that is under way.

    There is one for the process, because handlers of signals are global. `is_due` means that the
    next search has to start the timer.
    """

    runs: int = 0
    is_due: bool = False
    is_started: bool = False
    is_searching: bool = False
    ticks: int = 0
    before: Any = None

    def tick(self, number: int, frame: FrameType | None) -> None:
        self.ticks += 1
        # A search in another thread sets the same marks, but its frames are not these.
        if self.is_searching and self.ticks * _TICK > LIMIT and _is_search(frame):
            raise SearchTooLong

    def start(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        self.is_due, self.is_started = False, True
        self.before = signal.signal(signal.SIGVTALRM, self.tick)
        # Calls of the system that wait in C code go on after the signal instead of failing.
        signal.siginterrupt(signal.SIGVTALRM, False)
        # Children do not inherit the timer.
        signal.setitimer(signal.ITIMER_VIRTUAL, _TICK, _TICK)

    def stop(self) -> None:
        self.is_due = False
        if not self.is_started:
            return
        self.is_started = False
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        # A signal that is on its way must not end the process, which is its default.
        is_free = self.before in (None, signal.SIG_DFL)
        signal.signal(signal.SIGVTALRM, signal.SIG_IGN if is_free else self.before)


_watch = _Watch()


def limited(search: Callable[[Given], T], given: Given) -> T:
    """Return what the search finds; raises SearchTooLong within `searches_end`."""
    watch = _watch
    if watch.is_due:
        watch.start()
    watch.ticks = 0
    watch.is_searching = True
    try:
        return search(given)
    finally:
        watch.is_searching = False


def _is_search(frame: FrameType | None) -> bool:
    """Return whether the frame is that of a limited search, or of JMESPath within one.

    Python may also be in something that it calls in between, such as a callback of the garbage
    collector. An exception there would be lost, so the next tick has to do.
    """
    if frame is None or not str(frame.f_globals.get("__name__")).startswith(_SEARCHERS):
        return False
    inner: FrameType | None = frame
    while inner is not None and inner.f_code is not limited.__code__:
        inner = inner.f_back
    return inner is not None


@contextmanager
def searches_end() -> Iterator[None]:
    """Let searches end at the limit while the body of the `with` runs.

    Signals can be used in the main thread only. In any other (a shard on Ray) this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _watch.runs += 1
    # The first search starts the timer: while one runs, Linux tells the CPU time of a process
    # only to the millisecond.
    _watch.is_due = not _watch.is_started
    try:
        yield
    finally:
        _watch.runs -= 1
        if not _watch.runs:
            _watch.stop()
