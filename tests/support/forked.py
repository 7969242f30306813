"""Run the program in processes that are forked from one which has already imported it.

Importing the program takes many times as long as most runs in tests. A forked run is a process
like any other, with its own arguments, environment, folder, streams, group, signals and exit
code. There are three differences: no interpreter is started for it, `/proc` still shows the
command line and environment of the process that it was forked from, and the modules and what
they hold are not destroyed at its end.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import importlib
import json
import os
import pkgutil
import selectors
import socket
import subprocess
import sys
import termios
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from boomtalk.cli import main

from .processes import MARK

ROOT = Path(__file__).parents[2]
ROOMS = ("engine", "plugins", "commands")
_LARGEST_REQUEST = 1 << 20


class Forked:
    """A forked run, with the part of Popen's interface that `Running` uses."""

    def __init__(self, news: socket.socket, arguments: Sequence[str]) -> None:
        self.args = arguments
        self.pid = int(_told(news))
        self.returncode: int | None = None
        self._news = news

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, negative for a signal; raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            self._news.settimeout(timeout)
            try:
                self.returncode = os.waitstatus_to_exitcode(int(_told(self._news)))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired(self.args, timeout or 0) from None
            self._news.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        # It may end in between, since the server waits for it: like Popen, do nothing then.
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def _told(news: socket.socket) -> bytes:
    if not (told := news.recv(64)):
        raise RuntimeError("the process that forks the program is gone")
    return told


class ForkServer:
    """Starts the process that forks, and sends requests to it."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd=ROOT,
                # It outlives the test that starts it, so it must not have the mark of that test.
                env={name: value for name, value in os.environ.items() if name != MARK},
                pass_fds=[theirs.fileno()],
                process_group=0,
            )

    def start(
        self,
        arguments: Sequence[str],
        streams: tuple[int, int, int],
        cwd: Path,
        env: Mapping[str, str],
        terminal: bool = False,
        script: str | None = None,
    ) -> Forked:
        """Run the program, or a script in Python; `streams` become its stdin, stdout and stderr.

        It leads a process group; with `terminal` it leads a session, and the terminal at its
        stdin controls it.
        """
        told = {"arguments": arguments, "cwd": str(cwd), "env": dict(env), "terminal": terminal}
        request = json.dumps({**told, "script": script}).encode()
        news, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(self._control, [request], [theirs.fileno(), *streams])
        return Forked(news, arguments)

    def close(self) -> None:
        self._control.close()
        self._process.wait()


_starting = threading.Lock()


def fork_server() -> ForkServer:
    """Return the fork server of this process; the first call starts it."""
    with _starting:
        return _started()


@cache
def _started() -> ForkServer:
    server = ForkServer()
    atexit.register(server.close)
    return server


def _serve(control: socket.socket) -> str | None:
    """Fork for each request, and send pid and exit status.

    Return only in a fork, what it has to run: a script, or None for the program.
    """
    with selectors.DefaultSelector() as ready:
        ready.register(control, selectors.EVENT_READ)
        while ready.get_map():
            for key, _ in ready.select():
                if key.data is not None:
                    ready.unregister(key.fd)
                    _tell_end(key.fd, *key.data)
                elif (request := _next_request(control)) is None:
                    ready.unregister(control)
                elif (fork := _fork(*request)) is None:
                    script: str | None = request[0]["script"]
                    return script
                else:
                    ready.register(os.pidfd_open(fork[0]), selectors.EVENT_READ, fork)
    os._exit(0)


def _next_request(control: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    data, fds, _, _ = socket.recv_fds(control, _LARGEST_REQUEST, 4)
    return (json.loads(data), fds) if data else None


def _fork(request: dict[str, Any], fds: Sequence[int]) -> tuple[int, socket.socket] | None:
    """Return the pid of a new fork and the socket that tells about it; None in the fork."""
    pid = os.fork()
    if pid == 0:
        return _become(request, fds[1:])
    if not request["terminal"]:
        # The fork calls it, too, so that the group exists whichever of the two runs first.
        with suppress(PermissionError, ProcessLookupError):
            os.setpgid(pid, pid)
    news, *streams = fds
    for fd in streams:
        os.close(fd)
    teller = socket.socket(fileno=news)
    teller.send(b"%d" % pid)
    return pid, teller


def _tell_end(pidfd: int, pid: int, teller: socket.socket) -> None:
    os.close(pidfd)
    _, status = os.waitpid(pid, 0)
    with teller, suppress(OSError):  # the test may not wait for it any more
        teller.send(b"%d" % status)


def _become(request: dict[str, Any], streams: Sequence[int]) -> None:
    """Give this process the folder, environment, streams and arguments of a run."""
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, max(streams) + 1)
    if request["terminal"]:
        # A session leader must acquire its terminal before keys become signals.
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    else:
        os.setpgid(0, 0)
    sys.argv[1:] = request["arguments"]
    sys.path[0] = os.getcwd()


def _import_all() -> None:
    for room in ROOMS:
        package = importlib.import_module(f"boomtalk.{room}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    # The garbage collector must not visit the imported objects in the forks: visiting copies
    # their memory pages.
    gc.freeze()


def _run(script: str | None) -> NoReturn:
    """Run the program or the script, and end like the interpreter but for the modules, which stay.

    Destroying them copies their memory pages, which takes longer than most runs.
    """
    code = _exit_code(script)
    threading._shutdown()  # type: ignore[attr-defined]  # waits for all but the daemons
    atexit._run_exitfuncs()
    gc.collect(1)  # the oldest generation holds the modules
    for stream in filter(None, (sys.stdout, sys.stderr)):
        stream.flush()
    os._exit(code)


def _exit_code(script: str | None) -> int:
    """Return how it ended; an exception other than an exit with a number is the interpreter's."""
    try:
        if script is None:
            main()
        else:
            exec(compile(script, "<string>", "exec"), {"__name__": "__main__"})
    except SystemExit as end:
        if isinstance(end.code, int | None):
            return end.code or 0
        raise
    return 0


if __name__ == "__main__":
    _import_all()
    _run(_serve(socket.socket(fileno=int(sys.argv[1]))))
