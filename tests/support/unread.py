"""Provide a pipe that nobody reads, as the output of a program."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


@contextmanager
def unread_pipe(full: bool = False) -> Iterator[IO[bytes]]:
    """Yield the end for writing of a pipe, which is open for reading; `full` fills it first."""
    read_end, write_end = os.pipe()
    with open(read_end, "rb"), open(write_end, "wb", buffering=0) as pipe:
        if full:
            _fill(write_end)
        yield pipe


def _fill(write_end: int) -> None:
    os.set_blocking(write_end, False)
    try:
        while os.write(write_end, bytes(1 << 16)):
            pass
    except BlockingIOError:
        os.set_blocking(write_end, True)
