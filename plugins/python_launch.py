"""Launch a debugtalk.py: find the interpreter, make its socket, its output and its command."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from boomtalk.engine.errors import PluginStartError
from msgspec import Struct

from .arguments import encode_call
from .child import START, pack
from .launch import Events, Kind, Started, environment_with, spawn_error
from .options import PluginOptions
from .output import Output
from .pipe import Pipe

# The virtual environment that hrp makes and uses for all projects.
HRP_VENV = "~/.hrp/venv"
CHILD = Path(__file__).with_name("child.py")

# This program must be valid in any version of Python, to report one that is too old. First it
# removes the current folder from the path, or a json.py beside debugtalk.py would be imported
# instead of the standard library's. The loader takes the bytecode that the import of this
# module's parent has left, if the versions are the same: compiling takes a sixth of the start.
BOOT = """
import sys
if sys.path[:1] == [""]:
    del sys.path[0]
if sys.version_info < (3, 8):
    sys.exit("%s is Python %s; 3.8 or newer is needed" % (sys.executable, sys.version.split()[0]))
from importlib.machinery import SourceFileLoader
exec(SourceFileLoader("__main__", sys.argv[1]).get_code("__main__"))
"""


class PythonLaunch(Struct, frozen=True):
    """The interpreter, and the source as it was at the first start."""

    python: str
    path: Path
    source: bytes
    environment: Mapping[str, str]
    threads: int

    @classmethod
    def prepare(
        cls, path: Path, environment: Mapping[str, str], options: PluginOptions
    ) -> PythonLaunch:
        """Read the source; raises PluginStartError."""
        try:
            source = path.read_bytes()
        except OSError as error:
            raise PluginStartError(f"{path}: {error.strerror}") from None
        python = find_python(options.python, path.parent)
        return cls(python, path, source, environment, options.threads)

    def start(self, events: Events, emit: Callable[[str], None]) -> Started:
        ours, read_end, popen = self._spawn()
        pipe = Pipe(ours, events.on_frames, events.on_lost, events.on_fault)
        output = Output(read_end, emit)
        pipe.write([self._start_frame()])
        return Started(popen, pipe, output)

    def hint(self, error: str) -> str:
        if error != "ModuleNotFoundError":
            return ""
        return (
            f"debugtalk.py is run by {self.python}: install the module there, or choose another"
            f" interpreter with --python (default: the project's .venv, else {HRP_VENV}, else"
            " boomtalk's own)"
        )

    def is_edited(self) -> bool:
        try:
            return (
                self.path.stat().st_size != len(self.source)
                or self.path.read_bytes() != self.source
            )
        except OSError:
            return True

    def close(self) -> None:
        """Do nothing: it holds nothing open."""

    def _spawn(self) -> tuple[socket.socket, int, subprocess.Popen[bytes]]:
        ends: list[socket.socket | int] = []
        try:
            ours, theirs = socket.socketpair()
            ends += [ours, theirs]
            read_end, write_end = os.pipe()
            ends += [read_end, write_end]
            popen = self._popen(theirs.fileno(), write_end)
        except OSError as error:
            _close_all(ends)
            program = f"the interpreter {self.python}"
            raise spawn_error(self.path, program, error, "see --python") from None
        _close_all([theirs, write_end])
        return ours, read_end, popen

    def _popen(self, fd: int, output: int) -> subprocess.Popen[bytes]:
        # Frames have a socket of their own, so printed text cannot get between them. stdout and
        # stderr are one pipe, which keeps their lines in order.
        return subprocess.Popen(
            [self.python, "-c", BOOT, str(CHILD), str(fd), str(os.getpid())],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(fd,),
            start_new_session=True,  # Ctrl-C must not reach it; its group can be killed as a whole
            env=environment_with({**self.environment, "PYTHONDONTWRITEBYTECODE": "1"}),
        )

    def _start_frame(self) -> bytes:
        start = {
            "path": str(self.path),
            "source": self.source.decode("latin-1"),  # maps each byte to a character: exact
            "threads": self.threads,
        }
        return pack(START, 0, json.dumps(start).encode())


def find_python(python: str | None, folder: Path) -> str:
    """Return the interpreter for a project: `python`, else that of its `.venv`, of hrp, our own."""
    if python:
        return _python_of(Path(python)) if os.path.isdir(python) else python
    found = map(_python_of, (folder / ".venv", Path(os.path.expanduser(HRP_VENV))))
    return next(filter(os.path.exists, found), sys.executable)


def _python_of(venv: Path) -> str:
    return str(venv / "bin" / "python")


def _close_all(ends: Iterable[socket.socket | int]) -> None:
    for end in ends:
        if isinstance(end, socket.socket):
            end.close()
        else:
            os.close(end)


PYTHON = Kind(PythonLaunch.prepare, encode_call)
