"""Tell what happens to the names in a folder, as the kernel saw it (inotify, Linux)."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# <sys/inotify.h>
_CREATE, _MOVED_TO = 0x100, 0x80
_HEAD = struct.Struct("iIII")


class FolderWatch:
    """Reads the events of a folder since the watch began."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def appeared(self, name: str) -> list[str]:
        """Return how the name appeared each time: `created` or `moved here`."""
        ways = {_CREATE: "created", _MOVED_TO: "moved here"}
        return [ways[mask] for mask, seen in self._events() if seen == name]

    def _events(self) -> Iterator[tuple[int, str]]:
        data = os.read(self._handle, 1_000_000)
        while data:
            _, mask, _, length = _HEAD.unpack_from(data)
            end = _HEAD.size + length
            yield mask, os.fsdecode(data[_HEAD.size : end].rstrip(b"\0"))
            data = data[end:]


@contextmanager
def watched(folder: Path) -> Iterator[FolderWatch]:
    """Watch a folder while the body of the `with` lasts."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = libc.inotify_init1(os.O_NONBLOCK)
    try:
        assert libc.inotify_add_watch(handle, os.fsencode(folder), _CREATE | _MOVED_TO) >= 0
        yield FolderWatch(handle)
    finally:
        os.close(handle)
