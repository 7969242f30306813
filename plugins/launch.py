"""Define how the supervisor starts and reaches a plugin process, whatever it is written in."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from boomtalk.engine.errors import PluginStartError
from msgspec import Struct

from .child import Frame
from .options import PluginOptions
from .output import Output


class Link(Protocol):
    """Sends frames to a process and receives frames from it, without blocking.

    The first frame that arrives is READY or FAILED.
    """

    on_frames: Callable[[list[Frame]], None]

    @property
    def has_room(self) -> bool:
        """Return whether a call would begin at once; if not, calls should wait in their queue."""
        ...

    def write(self, frames: Iterable[bytes]) -> None: ...

    def unsent_ids(self) -> list[int]:
        """Return the ids of the frames that the process cannot have seen completely, in order."""
        ...

    def end(self, then: Callable[[], None]) -> None:
        """Receive what the dead process has written, close, and call `then`."""
        ...


class Events(Struct, frozen=True):
    """What happens to a link: frames came, the other side has closed, it broke the protocol."""

    on_frames: Callable[[list[Frame]], None]
    on_lost: Callable[[], None]
    on_fault: Callable[[str], None]


class Started(Struct, frozen=True):
    """A process that has just been started, and the ways to it."""

    popen: subprocess.Popen[bytes]
    link: Link
    output: Output


class Launch(Protocol):
    """Everything that a start needs. Restarts use it again, so that they run the same code."""

    @property
    def path(self) -> Path: ...

    def start(self, events: Events, emit: Callable[[str], None]) -> Started:
        """Start a process; raises PluginStartError if the operating system refuses."""
        ...

    def hint(self, error: str) -> str:
        """Return what to do about a failed start; `error` is the type of the exception, if any."""
        ...

    def is_edited(self) -> bool:
        """Return whether the file is no longer what runs."""
        ...

    def close(self) -> None: ...


class Kind(Struct, frozen=True):
    """A language of plugins.

    `prepare` raises PluginStartError. `encode_call` returns the frame of a call; it raises
    ValueError if an argument cannot be sent exactly.
    """

    prepare: Callable[[Path, Mapping[str, str], PluginOptions], Launch]
    encode_call: Callable[[int, Sequence[Any]], bytes]


def environment_with(added: Mapping[str, str]) -> Mapping[bytes, bytes]:
    """Return our environment with these variables, in UTF-8 whatever the locale can encode."""
    encoded = {
        name.encode("utf-8", "surrogateescape"): value.encode("utf-8", "surrogateescape")
        for name, value in added.items()
    }
    return {**os.environb, **encoded}


def spawn_error(path: Path, program: str, error: OSError, hint: str) -> PluginStartError:
    if isinstance(error, FileNotFoundError | PermissionError | NotADirectoryError):
        text = f"{path}: cannot run {program}: {error.strerror}"
        return PluginStartError(text, hint)
    text = f"{path}: cannot start a process: {error.strerror} (errno {error.errno})"
    return PluginStartError(text, "check ulimit -n, ulimit -u and the free memory")
