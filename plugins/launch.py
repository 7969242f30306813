"""Start a plugin process: find the interpreter, make its socket, its output and its command."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from boomtalk.engine.errors import PluginStartError

from .child import START, pack

# The virtual environment that hrp makes and uses for all projects.
HRP_VENV = "~/.hrp/venv"
CHILD = Path(__file__).with_name("child.py")

# This program must be valid in any version of Python, to report one that is too old. First it
# removes the current folder from the path, or a json.py beside debugtalk.py would be imported
# instead of the standard library's.
BOOT = """
import sys
if sys.path[:1] == [""]:
    del sys.path[0]
if sys.version_info < (3, 8):
    sys.exit("%s is Python %s; 3.8 or newer is needed" % (sys.executable, sys.version.split()[0]))
with open(sys.argv[1], "rb") as file:
    exec(compile(file.read(), sys.argv[1], "exec"))
"""


@dataclass(frozen=True, slots=True)
class Launch:
    """Everything that a start needs. Restarts use it again, so that they run the same code."""

    python: str
    path: Path
    source: bytes
    environment: Mapping[str, str]
    threads: int


def find_python(python: str | None, folder: Path) -> str:
    """Return the interpreter for a project: `python`, else that of its `.venv`, of hrp, our own."""
    if python:
        return _python_of(Path(python)) if os.path.isdir(python) else python
    found = map(_python_of, (folder / ".venv", Path(os.path.expanduser(HRP_VENV))))
    return next(filter(os.path.exists, found), sys.executable)


def _python_of(venv: Path) -> str:
    return str(venv / "bin" / "python")


def spawn(launch: Launch) -> tuple[socket.socket, int, subprocess.Popen[bytes]]:
    ends: list[socket.socket | int] = []
    try:
        ours, theirs = socket.socketpair()
        ends += [ours, theirs]
        read_end, write_end = os.pipe()
        ends += [read_end, write_end]
        popen = _popen(launch, theirs.fileno(), write_end)
    except OSError as error:
        _close_all(ends)
        raise _spawn_error(launch, error) from None
    _close_all([theirs, write_end])
    return ours, read_end, popen


def _popen(launch: Launch, fd: int, output: int) -> subprocess.Popen[bytes]:
    # Frames have a socket of their own, so printed text cannot get between them. stdout and stderr
    # are one pipe, which keeps their lines in order.
    return subprocess.Popen(
        [launch.python, "-c", BOOT, str(CHILD), str(fd), str(os.getpid())],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=(fd,),
        start_new_session=True,  # Ctrl-C must not reach it; its group can be killed as a whole
        env=_environment({**launch.environment, "PYTHONDONTWRITEBYTECODE": "1"}),
    )


def _environment(added: Mapping[str, str]) -> Mapping[bytes, bytes]:
    """Return our environment with these variables, in UTF-8 whatever the locale can encode."""
    encoded = {
        name.encode("utf-8", "surrogateescape"): value.encode("utf-8", "surrogateescape")
        for name, value in added.items()
    }
    return {**os.environb, **encoded}


def _close_all(ends: Iterable[socket.socket | int]) -> None:
    for end in ends:
        if isinstance(end, socket.socket):
            end.close()
        else:
            os.close(end)


def start_frame(launch: Launch) -> bytes:
    start = {
        "path": str(launch.path),
        "source": launch.source.decode("latin-1"),  # maps each byte to a character, so is exact
        "threads": launch.threads,
    }
    return pack(START, 0, json.dumps(start).encode())


def _spawn_error(launch: Launch, error: OSError) -> PluginStartError:
    if isinstance(error, FileNotFoundError | PermissionError | NotADirectoryError):
        text = f"{launch.path}: cannot run the interpreter {launch.python}: {error.strerror}"
        return PluginStartError(text, "see --python")
    text = f"{launch.path}: cannot start a process: {error.strerror} (errno {error.errno})"
    return PluginStartError(text, "check ulimit -n, ulimit -u and the free memory")
