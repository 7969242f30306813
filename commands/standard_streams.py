"""Stdin, stdout and stderr of a process that was started without some of them."""

from __future__ import annotations

import os
import sys


def open_standard_streams() -> None:
    """Open those that are missing on the null device.

    A socket would get the free number, and libuv ends the process over it.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
