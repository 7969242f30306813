"""Read keys that are pressed during a run one by one, without waiting for Enter."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
import tty
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from .key_names import KeyNames


def can_read_keys() -> bool:
    """Whether stdin is a terminal that this process may read in the foreground."""
    try:
        return sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False


@contextmanager
def keys_pressed(actions: Mapping[str, Callable[[], None]]) -> Iterator[None]:
    """Call the action of each key pressed while the block runs; then restore the terminal.

    A key is a character or a name of `KeyNames`.
    """
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    loop = asyncio.get_running_loop()
    names = KeyNames()

    def read() -> None:
        try:
            keys = os.read(descriptor, 64)
        except OSError:
            keys = b""
        if not keys:  # the terminal is gone, and would be readable for ever
            loop.remove_reader(descriptor)
        for key in names.of(keys):
            actions.get(key, _ignore)()

    # cbreak leaves Ctrl-C a signal and output as it was.
    tty.setcbreak(descriptor, termios.TCSADRAIN)
    loop.add_reader(descriptor, read)
    try:
        yield
    finally:
        loop.remove_reader(descriptor)
        with suppress(termios.error, OSError):  # a terminal that is gone needs no restoring
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _ignore() -> None:
    pass
