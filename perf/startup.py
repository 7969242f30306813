"""Measure the time until the help text, and until the first request: `python -m perf.startup`.

Every tool runs a case of one step, in turns. The server is a thread of this process, and takes
the time when the first bytes of a request arrive.
"""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .bench import peers, report, results
from .bench.cpu import running
from .bench.servers import BODY, Echo
from .bench.tools import Command
from .bench.workloads import WORKLOADS

_ANSWER = (
    f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(BODY)}\r\n"
    f"Connection: close\r\n\r\n{BODY}"
).encode()
_GET = WORKLOADS[0]
HELP = "boomtalk --help"


class FirstRequest:
    """Answers one connection after the other; `at` is the time of the first request."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self.port: int = listener.getsockname()[1]
        self.at: float | None = None

    def serve(self) -> None:
        """Serve until the listener is shut down."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                if connection.recv(65536):
                    self.at = self.at or time.monotonic()
                    connection.sendall(_ANSWER)


@contextmanager
def listening() -> Iterator[FirstRequest]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = FirstRequest(listener)
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def command(name: str, program: str) -> Command:
    """Return the command with which a tool runs one iteration of the case with one user."""
    if name == "hrp":
        once = ["--spawn-count", "1", "--loop-count", "1", "--disable-console-output"]
        return [program, "boom", "case.yml", *once]
    if name == "k6":
        return [program, "run", "--quiet", "--iterations", "1", "script.js"]
    return [program, "-P", "-m", "boomtalk.cli", "boom", "case.yml", "-i", "1", "--no-out", "-q"]


def first_request(name: str, server: FirstRequest) -> results.Section:
    """Start a tool; return the seconds until its first request, and its CPU seconds in total."""
    program = peers.find(name)
    assert program is not None
    with tempfile.TemporaryDirectory() as folder:
        _GET.work(Echo(server.port), 1, Path(folder))
        server.at = None
        with running(command(name, program), Path(folder)) as tree:
            used = tree.wait()
        if server.at is None:
            raise RuntimeError(f"{name} sent nothing")
        return {"wall": server.at - used["started_at"], "cpu": used["cpu_seconds"]}


def help_shown() -> results.Section:
    show = [sys.executable, "-P", "-m", "boomtalk.cli", "--help"]
    with tempfile.TemporaryDirectory() as folder, running(show, Path(folder)) as tree:
        used = tree.wait()
        return {"wall": used["ended_at"] - used["started_at"], "cpu": used["cpu_seconds"]}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m perf.startup", description=__doc__)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--results", type=Path, default=results.FOLDER / "results.json")
    options = parser.parse_args()
    tools = [name for name in ("boomtalk", "k6", "hrp") if peers.find(name)]
    runs: dict[str, list[results.Section]] = defaultdict(list)
    about = results.about(tools)
    with listening() as server:
        # The first round only fills caches: Python's bytecode and the kernel's file cache.
        for number in range(options.repeats + 1):
            measured = {HELP: help_shown()}
            measured |= {f"{name}: first request": first_request(name, server) for name in tools}
            if number:
                for name, run in measured.items():
                    runs[name].append(run)
    results.save(options.results, "startup", {"kind": "startup", "about": about, "runs": runs})
    report.write(options.results)


if __name__ == "__main__":
    main()
