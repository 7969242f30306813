"""Run a server that measures the time of each request, in a separate process.

`/ms/20` answers after 20 ms, `/shape/NAME` after a time from one of `SHAPES`, `/never` not at all.
`/__log` lists the requests (id, path, and the clock's seconds at arrival and answer).
`/__freeze/0.5` blocks the server for 0.5 s, like a garbage collection. Paths that begin with `__`
are not logged.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from boomtalk.examples.target import TargetProcess, server_process

ROOT = str(Path(__file__).parents[2])

# Inverse distribution functions: seconds for a share 0..1 of requests.
SHAPES: Mapping[str, Callable[[float], float]] = {
    "constant": lambda share: 0.02,
    "two": lambda share: 0.005 if share < 0.9 else 0.1,
    "uniform": lambda share: 0.01 + 0.04 * share,
    "exponential": lambda share: -0.02 * math.log1p(-share),
}
_GOLDEN = 0.6180339887498949


class Log:
    """The requests in order of arrival; `answered` is None until the answer is sent."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.connections = 0

    def add(self, path: str, headers: str) -> dict[str, Any]:
        _, _, rest = headers.partition("x-request-id: ")
        id_ = rest.partition("\r\n")[0]
        entry = {"id": id_, "path": path, "arrived": time.perf_counter(), "answered": None}
        self.requests.append(entry)
        return entry


class Exchange(asyncio.Protocol):
    """One connection; request bodies are read by their length and dropped."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._log.connections += 1

    def data_received(self, data: bytes) -> None:
        self._data += data
        while b"\r\n\r\n" in self._data:
            head, _, rest = self._data.partition(b"\r\n\r\n")
            first, _, headers = (head.decode("latin-1") + "\r\n").partition("\r\n")
            lowered = headers.lower()
            length = int(lowered.partition("content-length: ")[2].partition("\r\n")[0] or 0)
            if len(rest) < length:
                return
            self._data = rest[length:]
            self._serve(first.split(" ")[1], lowered)

    def _serve(self, path: str, headers: str) -> None:
        if path.startswith("/__"):
            return self._control(path)
        entry = self._log.add(path, headers)
        _, kind, value, *_ = [*path.split("/"), ""]
        if kind == "never":
            return None
        share = len(self._log.requests) * _GOLDEN % 1
        delay = SHAPES[value](share) if kind == "shape" else float(value or 0) / 1000
        if delay:
            asyncio.get_running_loop().call_later(delay, partial(self._answer, entry))
        else:
            self._answer(entry)
        return None

    def _answer(self, entry: dict[str, Any]) -> None:
        entry["answered"] = time.perf_counter()
        self._send(b"ok")

    def _control(self, path: str) -> None:
        if path == "/__reset":
            self._log.__init__()  # type: ignore[misc]
        if path.startswith("/__freeze/"):
            time.sleep(float(path.rpartition("/")[2]))
        stats = {"requests": len(self._log.requests), "connections": self._log.connections}
        self._send(json.dumps(self._log.requests if path == "/__log" else stats).encode())

    def _send(self, body: bytes) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        assert isinstance(self._transport, asyncio.Transport)
        if not self._transport.is_closing():
            self._transport.write(head + body)


async def run(port: int) -> None:
    loop, log, over = asyncio.get_running_loop(), Log(), asyncio.Event()
    server = await loop.create_server(lambda: Exchange(log), "127.0.0.1", port, backlog=4096)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    print(json.dumps({"url": url, "pid": os.getpid()}), flush=True)
    loop.add_reader(0, over.set)
    await over.wait()


class TimedServer(TargetProcess):
    """A running timed server."""

    __slots__ = ()

    def log(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self._ask("GET", "/__log")  # type: ignore[assignment]
        return entries

    def freeze(self, seconds: float) -> None:
        """Make the server stop for some seconds; return after that."""
        self._ask("GET", f"/__freeze/{seconds}")


@contextmanager
def timed_server(port: int = 0) -> Iterator[TimedServer]:
    code = (
        f"import sys; sys.path.append({ROOT!r}); import tests.support.timed_server as it; it.main()"
    )
    with server_process(["-c", code, str(port)]) as server:
        yield TimedServer(server.url, server.pid)


def main() -> None:
    with suppress(KeyboardInterrupt):
        asyncio.run(run(int(sys.argv[1])))
