"""Take the signals that end a process: SIGINT, SIGTERM and SIGHUP."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from .stop import Stop

_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# After the second signal: the loop has so long to react, then as long again to save results.
_PATIENCE = 0.8


class Interrupted(KeyboardInterrupt):
    """A signal came while no run was there to take it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def signal_code(number: int | None) -> int:
    """Return the exit code of a command that a signal ended."""
    return 130 if number in (None, signal.SIGINT) else 143


@contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """Let a signal raise Interrupted at once while the body lasts.

    A loop that is run in the body needs a handler of its own: raised in its code, it would break.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise Interrupted(number)

    with handled(interrupt):
        yield


class Signals:
    """The signals of one run: the first requests its end, the second forces it.

    Python calls the handlers between two instructions of the main thread, and some long work in
    C (`re`) lets it. So they need no loop: if the loop does not react to the second signal, the
    handler itself saves the results and ends the process.
    """

    def __init__(
        self, stop: Stop, announce: Callable[[], None], tell: Callable[[str], None]
    ) -> None:
        """`announce` is called at the first signal, `tell` with the reason of a hard end."""
        self._loop = asyncio.get_running_loop()
        self._stop = stop
        self._announce = announce
        self._tell = tell
        self._first: int | None = None
        self._untold: deque[int] = deque()
        self._save: Callable[[], int] | None = None
        self._is_watching = self._is_asked = False

    @contextmanager
    def saved_by(self, save: Callable[[], int]) -> Iterator[None]:
        """Call `save` before a hard end while the body lasts; it returns the exit code."""
        self._save = save
        try:
            yield
        finally:
            self._save = None
            self._is_watching = False
            signal.setitimer(signal.ITIMER_REAL, 0)

    def take(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal: tell the loop; from the second one on, watch whether it reacts."""
        self._untold.append(number)
        self._loop.call_soon_threadsafe(self._pass_on)
        if self._first is None:
            self._first = number
        elif not self._is_watching:
            self._is_watching = True
            self._ask()

    def ring(self, number: int, frame: FrameType | None) -> None:
        """Handle the alarm: the loop has had its time to react."""
        if self._is_asked:
            self._end(_place(frame))
        else:
            self._ask()

    def check(self) -> None:
        """Raise Interrupted if a signal came that the loop has not been told of."""
        if self._untold:
            raise Interrupted(self._first or 0)

    def _pass_on(self) -> None:
        is_first = self._stop.signal is None
        self._stop.on_signal(self._untold.popleft())
        if is_first:
            self._announce()

    def _ask(self) -> None:
        self._is_asked = True
        self._loop.call_soon_threadsafe(self._answer)
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE)

    def _answer(self) -> None:
        self._is_asked = False

    def _end(self, place: str) -> None:
        """End the process; without results to save, let it go on for a last moment."""
        # The limit of a search must not end the saving, which runs in the middle of that search.
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        code = signal_code(self._first)
        save, self._save = self._save, None

        def end(number: int, frame: FrameType | None) -> None:
            self._tell(f"ended by the second signal; the program was busy in {place}")
            os._exit(code)

        signal.signal(signal.SIGALRM, end if save is None else lambda *_: os._exit(code))
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE)
        if save is not None:
            self._stop.reason = self._stop.reason or "signal"
            self._stop.signal = self._first
            with suppress(Exception):
                code = save()
            end(0, None)


@contextmanager
def stopped_by_signals(
    stop: Stop, announce: Callable[[], None], tell: Callable[[str], None]
) -> Iterator[Signals]:
    """Turn signals into requests to stop while the body of the `with` runs on a loop.

    Raises Interrupted at its end if a signal came after the loop was last free to take it.
    """
    signals = Signals(stop, announce, tell)
    alarm = signal.signal(signal.SIGALRM, signals.ring)
    try:
        with handled(signals.take):
            yield signals
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, alarm)
    signals.check()


@contextmanager
def handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Let the handler take the signals that end a process while the body of the `with` lasts."""
    before: dict[int, Any] = {
        number: signal.signal(number, handler) for number in _NUMBERS if not _is_unwanted(number)
    }
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, signal.SIG_DFL if old is None else old)


def _is_unwanted(number: int) -> bool:
    """Whether the signal must stay ignored: `nohup` starts a process that outlives its terminal."""
    return number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN


def _place(frame: FrameType | None) -> str:
    # The alarm may ring while a handler of another signal runs: that is not what blocks the loop.
    while frame is not None and frame.f_globals is globals():
        frame = frame.f_back
    if frame is None:
        return "the interpreter"
    code = frame.f_code
    return f"{code.co_qualname} ({Path(code.co_filename).name}:{frame.f_lineno})"
