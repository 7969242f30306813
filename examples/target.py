"""Run a target server for load tests: `python -m boomtalk.examples.target`.

It serves the shop's endpoints, and counts each request as soon as its head is read, so that the
report of a load generator can be compared with the requests that arrived. `GET /__stats` returns
the counts, `POST /__reset` resets them; both are not counted themselves.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvloop
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from .shop import answer

_MOST_PATHS = 200
_BACKLOG = 4096
# macOS refuses more to a process whose hard limit is infinite (setrlimit(2) there).
_OPEN_MAX = 10_240
_START_TIMEOUT = 20.0
_STOP_TIMEOUT = 5.0


class _Counts:
    """The counts since the start or the last reset."""

    def __init__(self) -> None:
        self.requests = 0
        self.connections = 0
        self._by_path: Counter[str] = Counter()

    def add_request(self, path: str) -> None:
        self.requests += 1
        known = path in self._by_path or len(self._by_path) < _MOST_PATHS
        self._by_path[path if known else "other"] += 1

    def as_dict(self) -> dict[str, Any]:
        by_path = dict(self._by_path)
        return {"requests": self.requests, "connections": self.connections, "by_path": by_path}


class _Target(web.Server):
    """Counts connections and requests, and lets the shop answer after `delay` seconds."""

    def __init__(self, delay: float) -> None:
        super().__init__(self._serve, access_log=None)
        self._delay = delay
        self._counts = _Counts()
        self._fresh: set[asyncio.BaseProtocol] = set()

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._counts.connections += 1
        self._fresh.add(handler)

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        super().connection_lost(handler, exc)
        self._fresh.discard(handler)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path in ("/__stats", "/__reset"):
            return self._control(request)
        self._fresh.discard(request.protocol)
        self._counts.add_request(request.path)
        if self._delay:
            await asyncio.sleep(self._delay)
        return await answer(request)

    def _control(self, request: web.BaseRequest) -> web.Response:
        if request.protocol in self._fresh:
            self._fresh.remove(request.protocol)
            self._counts.connections -= 1
        if request.path == "/__reset":
            self._counts = _Counts()
        return web.json_response(self._counts.as_dict())


async def serve(host: str, port: int, delay: float, exit_with_stdin: bool) -> None:
    """Print url and pid as one line of JSON, then serve until a signal comes (or stdin closes)."""
    _raise_file_limit()
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    runner = web.ServerRunner(_Target(delay), shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=_BACKLOG)
    await site.start()
    address = runner.addresses[0]
    print(json.dumps({"url": _url(address[0], address[1]), "pid": os.getpid()}), flush=True)
    if exit_with_stdin:
        wait = threading.Thread(target=_wait_for_end, args=(loop, over), daemon=True)
        wait.start()
    await over.wait()
    await runner.cleanup()


def _raise_file_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    reachable = _OPEN_MAX if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < reachable:
        resource.setrlimit(resource.RLIMIT_NOFILE, (reachable, hard))


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _wait_for_end(loop: asyncio.AbstractEventLoop, over: asyncio.Event) -> None:
    # Not sys.stdin: a thread that holds its lock at exit makes the interpreter abort.
    while os.read(0, 4096):
        pass
    loop.call_soon_threadsafe(over.set)


@dataclass(frozen=True, slots=True)
class TargetProcess:
    """A running target; `stats` and `reset` may be called at any time."""

    url: str
    pid: int

    def stats(self) -> dict[str, Any]:
        """Return the counts so far: `requests`, `connections` and `by_path`."""
        return self._ask("GET", "/__stats")

    def reset(self) -> None:
        """Set all counts to 0."""
        self._ask("POST", "/__reset")

    def _ask(self, method: str, path: str) -> dict[str, Any]:
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        try:
            connection.request(method, path)
            answered: dict[str, Any] = json.load(connection.getresponse())
        finally:
            connection.close()
        return answered


@contextmanager
def target_process(*, port: int = 0, delay: float = 0.0) -> Iterator[TargetProcess]:
    """Run the target while the body of the `with` runs; each answer waits `delay` seconds."""
    target = ["-m", "boomtalk.examples.target", "--port", str(port), "--delay", str(delay)]
    with server_process(target) as running:
        yield running


@contextmanager
def server_process(arguments: Sequence[str]) -> Iterator[TargetProcess]:
    """Run a server in Python that prints its url and pid like the target.

    It has its own process group: on Ctrl-C it must go on answering the requests that still run.
    It ends with its stdin, so that it ends even if this process is killed. Raises RuntimeError
    if it does not print its url within 20 s.
    """
    process = subprocess.Popen(
        [sys.executable, "-P", *arguments, "--exit-with-stdin"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        process_group=0,
    )
    try:
        told = _first_line(process)
        yield TargetProcess(told["url"], told["pid"])
    finally:
        _end(process)


def _first_line(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert process.stdout is not None
    giving_up = threading.Timer(_START_TIMEOUT, process.kill)
    giving_up.start()
    try:
        line = process.stdout.readline()
    finally:
        giving_up.cancel()
    if not line:
        raise RuntimeError(f"the server ended with {process.wait()} before it listened")
    told: dict[str, Any] = json.loads(line)
    return told


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    try:
        process.wait(_STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve a small shop as the target of load tests.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 means any free port")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--exit-with-stdin", action="store_true", help="end when stdin closes")
    options = parser.parse_args()
    uvloop.run(serve(options.host, options.port, options.delay, options.exit_with_stdin))


if __name__ == "__main__":
    main()
