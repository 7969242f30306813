"""Run the program on its own pseudo-terminal, as a shell would start it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.forked import Forked, fork_server
from tests.support.waiting import wait_until

_ESCAPE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """The terminal of a user: `written` has every byte that was shown, methods type keys."""

    def __init__(self, program: Forked, master: int) -> None:
        self.written = b""
        self._program = program
        self._master = master
        self._is_open = True

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def wait_for(self, text: str) -> None:
        """Wait until the text is written after this call."""
        begin = len(self.written)

        def is_there() -> bool:
            self._read()
            return text in _ESCAPE.sub(b"", self.written[begin:]).decode(errors="replace")

        wait_until(is_there, repr(text))

    def hang_up(self) -> None:
        """Close the terminal, as when its window is closed."""
        os.close(self._master)
        self._is_open = False

    def settings(self) -> list[Any]:
        return termios.tcgetattr(self._master)

    def wait(self) -> int:
        """Wait for the end, and return the exit code."""

        def has_ended() -> bool:
            self._read()
            return self._program.poll() is not None

        wait_until(has_ended, "the end of the program")
        self._read()
        return self._program.wait()

    def end(self) -> None:
        self._program.send_signal(signal.SIGKILL)
        self._program.wait()
        if self._is_open:
            os.close(self._master)

    def _read(self) -> None:
        while self._is_open and select.select([self._master], [], [], 0)[0]:
            try:
                chunk = os.read(self._master, 65536)
            except OSError:  # Linux returns EIO when the last writer is gone
                return
            if not chunk:
                return
            self.written += chunk


@contextmanager
def on_terminal(width: int, height: int, *arguments: object) -> Iterator[Terminal]:
    """Start the program; if the `with` ends before it, kill it."""
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
    environment["TERM"] = "xterm-256color"
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    words, streams = [*map(str, arguments)], (slave, slave, slave)
    program = fork_server().start(words, streams, Path.cwd(), environment, terminal=True)
    os.close(slave)
    terminal = Terminal(program, master)
    try:
        yield terminal
    finally:
        terminal.end()
