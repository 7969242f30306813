"""Run a server of raw bytes with one path per defect, in a separate process.

`python -m tests.support.bad_server` prints its url and pid like the target. `GET /__log` lists
every request head in the order of arrival; `GET /__stats` and `POST /__reset` work as in the
target. These three are not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from boomtalk.examples.target import TargetProcess, server_process

from .defects import DEFECTS
from .raw_http import Connection, Defect, Finished, Request, answer, json_answer

HEAD_LIMIT = 1 << 20
ROOT = str(Path(__file__).parents[2])


@dataclass
class Log:
    """The requests that arrived: `heads` in order, each with id, method, path and connection."""

    heads: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0

    def stats(self) -> dict[str, Any]:
        by_path = Counter(head["path"] for head in self.heads)
        return {
            "requests": len(self.heads),
            "connections": self.connections,
            "by_path": dict(by_path),
        }


class BadServer:
    """Serves `defects` by path, and keeps the log."""

    def __init__(self, defects: dict[str, Defect]) -> None:
        self._defects = defects
        self._log = Log()
        self._accepted = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._accepted += 1
        connection = Connection(self._accepted, reader, writer)
        try:
            while request := await connection.request():
                await self._answer(connection, request)
                connection.answered += 1
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, Finished):
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, connection: Connection, request: Request) -> None:
        if request.path.startswith("/__"):
            return await connection.send(json_answer(self._control(request.path)))
        self._note(connection, request)
        defect = self._defects.get(request.path)
        if defect is None:
            return await connection.send(answer(b"no such defect", status="404 Not Found"))
        return await defect(connection, request)

    def _note(self, connection: Connection, request: Request) -> None:
        if not connection.answered:
            self._log.connections += 1
        self._log.heads.append(
            {
                "id": request.headers.get("x-request-id"),
                "method": request.method,
                "path": request.path,
                "connection": connection.number,
            }
        )

    def _control(self, path: str) -> object:
        if path == "/__log":
            return self._log.heads
        if path == "/__reset":
            self._log = Log()
        return self._log.stats()


async def run(port: int, exit_with_stdin: bool) -> None:
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    if exit_with_stdin:
        loop.add_reader(0, over.set)
    bad = BadServer(DEFECTS)
    server = await asyncio.start_server(
        bad.serve, "127.0.0.1", port, limit=HEAD_LIMIT, backlog=4096
    )
    host, port = server.sockets[0].getsockname()[:2]
    print(json.dumps({"url": f"http://{host}:{port}", "pid": os.getpid()}), flush=True)
    await over.wait()


class BadServerProcess(TargetProcess):
    """A running bad server."""

    __slots__ = ()

    def log(self) -> list[dict[str, Any]]:
        """Return every request head so far: id (X-Request-Id), method, path, connection."""
        heads: list[dict[str, Any]] = self._ask("GET", "/__log")  # type: ignore[assignment]
        return heads


@contextmanager
def bad_server_process() -> Iterator[BadServerProcess]:
    code = (
        f"import sys; sys.path.append({ROOT!r}); import tests.support.bad_server as it; it.main()"
    )
    with server_process(["-c", code]) as server:
        yield BadServerProcess(server.url, server.pid)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--exit-with-stdin", action="store_true")
    options = parser.parse_args()
    asyncio.run(run(options.port, options.exit_with_stdin))


if __name__ == "__main__":
    main()
