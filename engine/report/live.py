"""Show a running load: a table drawn up to four times a second, or a line every ten seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter, thread_time
from typing import Any

from rich.console import Console, RenderableType
from rich.live import Live

from ..load.load_run import LoadRun, Outcome
from .frame import LiveNumbers, View, frame, line

FRAMES_PER_SECOND = 4
# The share of one core that drawing may take. It costs about twice that, because afterwards the
# load finds cold CPU caches.
_SHARE = 0.012
PLAIN_SECONDS = 10.0
# Over shorter spans the current rate would flicker.
_RATE_SECONDS = 0.9


class LiveScreen:
    """Draws frames from the numbers of a run; keeps only the chosen view and what rates need."""

    def __init__(self, run: LoadRun, title: str, has_keys: bool = False) -> None:
        self.view = View.STEPS
        self._run = run
        self._title = title
        self._has_keys = has_keys
        self._asked_at = perf_counter()
        self._ended = 0
        self._calls: dict[str, int] = {}
        self._request_rate = 0.0
        self._call_rates: dict[str, float] = {}

    def toggle(self, view: View) -> None:
        """Show this view; if it is shown already, show the steps again."""
        self.view = View.STEPS if self.view is view else view

    def frame(self, width: int, height: int) -> RenderableType:
        """Return the screen for a terminal of this size."""
        return frame(self._numbers(), self.view, width, height, self._has_keys)

    def line(self) -> str:
        """Return one line for a log."""
        return line(self._numbers())

    def _numbers(self) -> LiveNumbers:
        run, outcome = self._run, self._run.progress()
        self._measure(outcome)
        return LiveNumbers(
            outcome, run.load, self._title, run.state, self._request_rate, self._call_rates
        )

    def _measure(self, outcome: Outcome) -> None:
        now = perf_counter()
        span = now - self._asked_at
        if span < _RATE_SECONDS:
            return
        counts = outcome.snapshot.accounting
        ended = counts.ok + counts.failed
        calls = {view.path: view.calls for view in outcome.plugins}
        self._request_rate = (ended - self._ended) / span
        self._call_rates = {
            path: (number - self._calls.get(path, 0)) / span for path, number in calls.items()
        }
        self._asked_at, self._ended, self._calls = now, ended, calls


async def show_live(screen: LiveScreen, console: Console) -> None:
    """Draw until cancelled; the last frame stays on the screen."""
    live = Live(console=console, auto_refresh=False, transient=False, vertical_overflow="crop")
    with live:
        try:
            while True:
                # CPU time: on a busy machine the wall clock would count other programs, too.
                began_at = thread_time()
                _draw(live, screen, console)
                await asyncio.sleep(pause_after(thread_time() - began_at))
        finally:
            screen.view = View.STEPS
            _draw(live, screen, console)


def pause_after(seconds: float) -> float:
    """Return the pause after a frame that took this many seconds of CPU time.

    Drawing must not disturb the load: an expensive frame is followed by a longer pause.
    """
    return max(1 / FRAMES_PER_SECOND, seconds / _SHARE)


async def show_lines(screen: LiveScreen, write: Callable[[str], Any]) -> None:
    """Write one line every ten seconds until cancelled, and a last one at the end."""
    try:
        while True:
            await asyncio.sleep(PLAIN_SECONDS)
            write(screen.line())
    finally:
        write(screen.line())


def _draw(live: Live, screen: LiveScreen, console: Console) -> None:
    # A terminal that is held (Ctrl-S) gets no frames that it would have to show later.
    if getattr(console.file, "is_behind", False):
        return
    width, height = console.size
    live.update(screen.frame(width, height), refresh=True)
