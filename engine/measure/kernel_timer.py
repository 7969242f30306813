"""Wake the event loop at an exact moment, in the way in which a response wakes it."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter
from typing import Protocol

# From <sys/timerfd.h> and <time.h> of Linux. Python has these calls only since 3.13.
_CLOCK_MONOTONIC = 1
_TFD_TIMER_ABSTIME = 1
_FLAGS = os.O_CLOEXEC | os.O_NONBLOCK
_BILLION = 1_000_000_000
# On an idle virtual machine, one of a hundred timers is late by some tenths of a millisecond; data
# on a socket is not.
_KERNEL_SECONDS = 0.0005
# The timers of event loops count milliseconds, so they are up to 1 ms late by themselves.
_CLOCK_SECONDS = 0.001


class Timer(Protocol):
    """Calls back as soon as the loop gets to it after the moment that was set last.

    `resolution` is by how much it may be late by itself, in seconds.
    """

    resolution: float

    def set(self, at: float) -> None: ...
    def close(self) -> None: ...


class _Moment(ctypes.Structure):
    """struct itimerspec: an interval, which stays 0, and a moment."""

    _fields_ = (
        ("every_s", ctypes.c_long),
        ("every_ns", ctypes.c_long),
        ("at_s", ctypes.c_long),
        ("at_ns", ctypes.c_long),
    )


class KernelTimer:
    """A timerfd: the kernel makes it readable at a moment of `perf_counter`.

    The loop finds it as it finds a socket with a response: woken by the kernel, after a wait for
    a core, behind everything that was ready before.
    """

    resolution = _KERNEL_SECONDS

    def __init__(self, call: Callable[[], None]) -> None:
        self._call = call
        self._system = ctypes.CDLL(None, use_errno=True)
        self._file = self._system.timerfd_create(_CLOCK_MONOTONIC, _FLAGS)
        if self._file < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._file, self._ring)

    def set(self, at: float) -> None:
        """Ring at this moment instead of the one set before; at once if it has passed."""
        seconds, part = divmod(int(at * _BILLION), _BILLION)
        moment = ctypes.byref(_Moment(0, 0, seconds, part))
        self._system.timerfd_settime(self._file, _TFD_TIMER_ABSTIME, moment, None)

    def close(self) -> None:
        self._loop.remove_reader(self._file)
        os.close(self._file)

    def _ring(self) -> None:
        with suppress(BlockingIOError):  # it was set again before the loop came to it
            os.read(self._file, 8)
        self._call()


class LoopTimer:
    """The event loop's own timer, for systems without timerfd."""

    resolution = _CLOCK_SECONDS

    def __init__(self, call: Callable[[], None]) -> None:
        self._call = call
        self._loop = asyncio.get_running_loop()
        self._handle: asyncio.TimerHandle | None = None

    def set(self, at: float) -> None:
        """Ring at this moment instead of the one set before."""
        self.close()
        self._handle = self._loop.call_later(max(0.0, at - perf_counter()), self._call)

    def close(self) -> None:
        if self._handle is not None:
            self._handle.cancel()


def timer(call: Callable[[], None]) -> Timer:
    """Return the most exact timer of this system; call it from the running loop."""
    if sys.platform == "linux":
        # Out of files, or a sandbox that forbids the call: that must not end a run.
        with suppress(OSError):
            return KernelTimer(call)
    return LoopTimer(call)
