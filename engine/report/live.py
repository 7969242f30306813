"""Show a running load: a screen drawn up to four times a second, or a line every ten seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter, thread_time
from typing import Any

from rich.console import Console

from ..load.load_run import LoadRun, Outcome
from .frame import Frame, frame, last_frame, line
from .head import LiveNumbers
from .painter import Painter
from .recent import RecentSeconds
from .view import Order, Panel, View

FRAMES_PER_SECOND = 4
# The share of one core that drawing may take. It costs about twice that, because afterwards the
# load finds cold CPU caches.
_SHARE = 0.012
# A key that is held down must not draw all the time.
_KEY_SECONDS = 0.1
PLAIN_SECONDS = 10.0
# Over shorter spans the current rate would flicker.
_RATE_SECONDS = 0.9


class LiveScreen:
    """Draws frames from the numbers of a run; owns the view, which keys change."""

    def __init__(self, run: LoadRun, title: str, has_keys: bool = False) -> None:
        self.view = View()
        self.changed = asyncio.Event()
        self._run = run
        self._title = title
        self._has_keys = has_keys
        self._recent = RecentSeconds()
        run.listeners.append(self._recent.add)
        self._drawn: LiveNumbers | None = None
        self._rows = self._page = 0
        self._asked_at = perf_counter()
        self._calls: dict[str, int] = {}
        self._call_rates: dict[str, float] = {}

    def toggle(self, panel: Panel) -> None:
        """Show this panel; if it is shown already, show the steps again."""
        self._show(self.view.toggled(panel))

    def sort(self, order: Order) -> None:
        self._show(self.view.ordered(order))

    def sort_next(self, by: int = 1) -> None:
        """Sort by the next order of the steps, or with -1 by the one before."""
        self._show(self.view.next_order(by))

    def scroll(self, rows: int) -> None:
        self._show(self.view.scrolled(rows, self._rows, self._page))

    def scroll_pages(self, pages: int) -> None:
        # One row stays in sight.
        self.scroll(pages * max(1, self._page - 1))

    def scroll_to_end(self, end: int) -> None:
        """Scroll to the first row (-1) or to the last one (1)."""
        self.scroll(end * self._rows)

    def _show(self, view: View) -> None:
        self.view = view
        self.changed.set()

    def frame(self, width: int, height: int, *, again: bool = False) -> Frame:
        """Return the screen for a terminal of this size.

        `again` takes the numbers of the frame before, which cost half of a frame.
        """
        if not again or self._drawn is None:
            self._drawn = self._numbers()
        drawn = frame(self._drawn, self.view, width, height, self._has_keys)
        self._rows, self._page = drawn.rows, drawn.page
        return drawn

    def last_frame(self, width: int, height: int) -> Frame:
        """Return what stays on the terminal, which may be higher than the terminal is."""
        return last_frame(self._numbers(), width, height)

    def line(self) -> str:
        """Return one line for a log; its rate is that of the last ten seconds."""
        return line(self._numbers(self._recent.mean()))

    def _numbers(self, rate: float | None = None) -> LiveNumbers:
        run, outcome = self._run, self._run.progress()
        self._measure_calls(outcome)
        if rate is None:
            rate = self._recent.last()
        return LiveNumbers(
            outcome,
            run.load,
            self._title,
            run.state,
            _overall(outcome) if rate is None else rate,
            self._recent.by_row(),
            self._call_rates,
        )

    def _measure_calls(self, outcome: Outcome) -> None:
        now = perf_counter()
        span = now - self._asked_at
        if span < _RATE_SECONDS:
            return
        calls = {view.path: view.calls for view in outcome.plugins}
        self._call_rates = {
            path: (number - self._calls.get(path, 0)) / span for path, number in calls.items()
        }
        self._asked_at, self._calls = now, calls


def can_show_live(console: Console) -> bool:
    """Whether the console is a terminal whose cursor can be moved."""
    return console.is_terminal and not console.is_dumb_terminal


async def show_live(screen: LiveScreen, console: Console) -> None:
    """Draw until cancelled; the last frame stays on the terminal."""
    with Painter(console) as painter:
        try:
            while True:
                # CPU time: on a busy machine the wall clock would count other programs, too.
                began_at = thread_time()
                _draw(painter, screen, console)
                pause = pause_after(thread_time() - began_at)
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await _draw_for_keys(painter, screen, console)
        finally:
            painter.paint_last(screen.last_frame(*console.size))


async def _draw_for_keys(painter: Painter, screen: LiveScreen, console: Console) -> None:
    """Show at once what keys change, until cancelled."""
    while True:
        await screen.changed.wait()
        screen.changed.clear()
        _draw(painter, screen, console, again=True)
        await asyncio.sleep(_KEY_SECONDS)


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


def _draw(painter: Painter, screen: LiveScreen, console: Console, *, again: bool = False) -> None:
    # A terminal that is held (Ctrl-S) gets no frames that it would have to show later.
    if getattr(console.file, "is_behind", False):
        return
    painter.paint(screen.frame(*console.size, again=again))


def _overall(outcome: Outcome) -> float:
    counts = outcome.snapshot.accounting
    return (counts.ok + counts.failed) / max(outcome.snapshot.elapsed, 1e-9)
