"""Launch a debugtalk.bin: a program that HttpRunner has built from Go."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from boomtalk.engine.errors import PluginStartError
from msgspec import Struct

from .go_link import GoLink
from .go_messages import encode_go_call
from .launch import Events, Kind, Started, environment_with, spawn_error
from .options import PluginOptions
from .output import Output

CANNOT_RUN = 126
# go-plugin's cookie, and the version and kind of RPC.
HANDSHAKE = {
    "HttpRunnerPlus": "debugtalk",
    "HRP_PLUGIN_TYPE": "grpc",
    "PLUGIN_PROTOCOL_VERSIONS": "1",
    "PLUGIN_CLIENT_CERT": "",
}
# A socket's path has at most 107 bytes on Linux and 103 elsewhere, and `/plugin` with a number of
# ten digits is added (terraform issue 22198).
LONGEST_FOLDER = 85
BUILD = "build it on this machine with: hrp build debugtalk.go"

# The kernel ends the plugin with the thread that started it (Linux; see prctl(2),
# PR_SET_PDEATHSIG), because a plugin in Go does not notice that its host is gone. The program
# becomes the plugin, so that there is one process.
BOOT = """
import os, sys
path, file, parent = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
if sys.platform == "linux":
    try:
        import ctypes
        ctypes.CDLL(None).prctl(1, 9)
    except Exception:
        pass
    if os.getppid() != parent:
        os._exit(0)
try:
    os.execve(file if os.execve in os.supports_fd else path, [path], os.environb)
except OSError as error:
    print("%s cannot be run on this machine: %s" % (path, error.strerror), file=sys.stderr)
    sys.exit(126)
"""


class GoLaunch(Struct, frozen=True):
    """The program, held open: it is the same after a restart if it was built again since."""

    path: Path
    file: int
    environment: Mapping[str, str]
    threads: int

    @classmethod
    def prepare(
        cls, path: Path, environment: Mapping[str, str], options: PluginOptions
    ) -> GoLaunch:
        """Open the program; raises PluginStartError."""
        if path.is_file() and not os.access(path, os.X_OK):
            raise PluginStartError(f"{path}: not executable", f"chmod +x {path}")
        try:
            file = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise PluginStartError(f"{path}: {error.strerror}") from None
        return cls(path, file, environment, options.threads)

    def start(self, events: Events, emit: Callable[[str], None]) -> Started:
        try:
            read_end, write_end = os.pipe()
            try:
                popen = self._popen(write_end)
            except OSError:
                os.close(read_end)
                raise
            finally:
                os.close(write_end)
        except OSError as error:
            raise spawn_error(self.path, sys.executable, error, "") from None
        link = GoLink(self.path, self.threads, events)
        output = Output(read_end, emit, link.claim)
        link.print_with(output.take)
        return Started(popen, link, output)

    def hint(self, error: str) -> str:
        return BUILD

    def is_edited(self) -> bool:
        try:
            return not os.path.samestat(os.fstat(self.file), self.path.stat())
        except OSError:
            return True

    def close(self) -> None:
        os.close(self.file)

    def _popen(self, output: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", "-c", BOOT),
                *(str(self.path), str(self.file), str(os.getpid())),
            ],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(self.file,),
            start_new_session=True,  # Ctrl-C must not reach it; its group can be killed as a whole
            env=environment_with({**self.environment, **HANDSHAKE, **self._folder()}),
        )

    def _folder(self) -> Mapping[str, str]:
        """Return another folder for temporary files if that of the plugin is too long."""
        folder = self.environment.get("TMPDIR") or os.environ.get("TMPDIR", "")
        return {"TMPDIR": "/tmp"} if len(os.fsencode(folder)) > LONGEST_FOLDER else {}


GO = Kind(GoLaunch.prepare, encode_go_call)
