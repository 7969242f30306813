"""Find the line of code at which the event loop is blocked."""

from __future__ import annotations

import sys
import threading
from time import perf_counter

# A blocked loop cannot report itself, so a second thread watches it.
_LIMIT = 1.0
_EVERY = 0.25


class BlockedLoop:
    """Watches for beats from the loop's thread, and keeps its place if none comes for a second."""

    def __init__(self) -> None:
        self._beat_at = 0.0
        self._watched = 0
        self._place: str | None = None
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Watch the calling thread."""
        self._watched = threading.get_ident()
        self._beat_at = perf_counter()
        self._stopped.clear()
        self._thread = threading.Thread(target=self._watch, name="blocked-loop", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def beat(self) -> None:
        self._beat_at = perf_counter()

    def take(self) -> str | None:
        """Return the last place as `file:line function`, and forget it."""
        place, self._place = self._place, None
        return place

    def _watch(self) -> None:
        while not self._stopped.wait(_EVERY):
            if perf_counter() - self._beat_at > _LIMIT:
                # The only way to see the stack of another thread that never yields to Python code.
                frame = sys._current_frames().get(self._watched)
                if frame is not None:
                    code = frame.f_code
                    self._place = f"{code.co_filename}:{frame.f_lineno} {code.co_name}"
