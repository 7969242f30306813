"""Read everything that a plugin prints, and log it line by line up to a limit.

Output is always read, because a process that writes into a full pipe would block.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

CHUNK = 64 * 1024
TAIL = 64 * 1024
MAX_LINE = 8 * 1024
BYTES_PER_SECOND = 64 * 1024
COST_PER_LINE = 64  # so that empty lines use up the limit, too
MAX_WORDS = 400
# The first line that Go writes when it ends a process.
GO_ENDS = (b"panic: ", b"fatal error: ")


def _claim_nothing(line: bytes) -> bool:
    return False


class Output:
    """Reads `fd` to its end and closes it; `emit` is called with each line.

    `claim` sees every line first, also those over the limit; a line that it claims is not printed.
    """

    def __init__(
        self,
        fd: int,
        emit: Callable[[str], None],
        claim: Callable[[bytes], bool] = _claim_nothing,
    ) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self._emit = emit
        self._claim = claim
        self._loop = asyncio.get_running_loop()
        self._tail = b""
        self._partials: dict[int, bytes] = {}  # the begun line of each source
        self.last_words = ""  # why Go ended the process
        self._spent = 0
        self._dropped = 0
        self._second = 0.0
        self._is_open = True
        self._loop.add_reader(fd, self._read)

    def last_lines(self, count: int = 20) -> list[str]:
        """Return the last printed lines, even if they were over the limit."""
        lines = self._tail.decode("utf-8", "replace").splitlines()
        return [line[:MAX_LINE] for line in lines[-count:]]

    def close(self) -> None:
        """Read what is left, and close, even if a grandchild still holds the other end."""
        # Bounded: a grandchild may write faster than this reads.
        for _ in range(64):
            if not self._is_open or not self._read():
                break
        for partial in self._partials.values():
            self._forward(self._unclaimed([partial]))
        self._partials.clear()
        self._tell_dropped()
        self._release()

    def _release(self) -> None:
        if self._is_open:
            self._is_open = False
            self._loop.remove_reader(self._fd)
            os.close(self._fd)

    def _read(self) -> bool:
        try:
            chunk = os.read(self._fd, CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            chunk = b""
        if not chunk:
            self._release()
            return False
        self.take(chunk)
        return True

    def take(self, chunk: bytes, source: int = 0) -> None:
        """Print a chunk of text; chunks of several sources may come in turns."""
        self._tail = (self._tail + chunk)[-TAIL:]
        now = self._loop.time()
        if now - self._second >= 1:
            self._second, self._spent = now, 0
            self._tell_dropped()
        *lines, partial = (self._partials.pop(source, b"") + chunk).split(b"\n")
        if len(partial) > MAX_LINE:
            lines.append(partial)
        elif partial:
            self._partials[source] = partial
        self._forward(self._unclaimed(lines))

    def _unclaimed(self, lines: list[bytes]) -> list[bytes]:
        left = [line for line in lines if not self._claim(line)]
        for line in left:
            if line.startswith(GO_ENDS):
                self.last_words = line[:MAX_WORDS].decode("utf-8", "replace")
        return left

    def _forward(self, lines: list[bytes]) -> None:
        for position, line in enumerate(lines):
            if self._spent > BYTES_PER_SECOND:
                self._dropped += sum(len(rest) + 1 for rest in lines[position:])
                return
            self._spent += min(len(line), MAX_LINE) + COST_PER_LINE
            self._dropped += max(0, len(line) - MAX_LINE)
            self._emit(line[:MAX_LINE].decode("utf-8", "replace").rstrip("\r"))

    def _tell_dropped(self) -> None:
        if self._dropped:
            self._emit(f"... {self._dropped} bytes of output dropped")
            self._dropped = 0
