"""The actions by which a user steers a running load: with keys, and with the live page."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from itertools import count

from boomtalk.engine.load.load_run import LoadRun


def actions(run: LoadRun, where: str = "") -> Mapping[str, Callable[[], None]]:
    """Return the actions by name; one that changes the run leaves a mark in the report.

    Marks that the user sets are numbered, and end with `where`.
    """
    marks = count(1)
    tenth = max(1, run.load.users // 10)
    return {
        "stop": lambda: signal.raise_signal(signal.SIGINT),
        "pause": run.toggle_pause,
        "more": lambda: run.add_users(tenth),
        "fewer": lambda: run.add_users(-tenth),
        "mark": lambda: run.mark(f"mark {next(marks)}{where}"),
    }
