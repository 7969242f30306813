"""Run a command again after each change of its files."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from boomtalk.engine.case.project import shown
from boomtalk.engine.errors import BoomtalkError
from boomtalk.engine.output.streams import say
from boomtalk.engine.signals import signal_code
from rich.console import Console

from ..border import tell
from .watched_files import Stamp, WatchedFiles, after_a_run, changed

_PAUSE = 0.2
_INTERRUPTED = {signal_code(signal.SIGINT), signal_code(signal.SIGTERM)}


def repeat(once: Callable[[], int], files: WatchedFiles, console: Console) -> int:
    """Call `once` after each change until a signal ends it; return the exit code of the signal."""
    while True:
        before = files.stamps()
        console.clear()
        code = _code_of(once)
        if code in _INTERRUPTED:
            return code
        after = files.stamps()
        say(sys.stderr, f"watching {len(after)} files; Ctrl-C ends")
        _wait(files, after_a_run(before, after))


def _code_of(once: Callable[[], int]) -> int:
    """Return the exit code; an error is told, because the next change may mend it."""
    try:
        return once()
    except BoomtalkError as error:
        tell(error)
        return error.exit_code


def _wait(files: WatchedFiles, known: Mapping[Path, Stamp]) -> None:
    """Return after a change, when nothing has changed for a moment: editors write in steps."""
    while True:
        now = files.stamps()
        time.sleep(_PAUSE)
        if changed(known, now) and files.stamps() == now:
            say(sys.stderr, f"changed: {', '.join(map(shown, changed(known, now)[:5]))}")
            return
