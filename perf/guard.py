"""Fail if a request has become much more expensive: `python -m perf.guard`, for every build.

There is no server and no socket: the engine runs a case over a transport that answers at once.
After every few requests a simple loop does the same work in the same process, because a slow or
busy machine slows both down. The CPU time of the engine is divided by that of the loop, and the
median of these ratios counts. The build fails if it exceeds 1.6 times the recorded one three
times in a row. `--record` records the current ratio.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import cycle
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import orjson
from boomtalk.engine import HttpOptions, Load, Ramp, RunSettings, load_cases
from boomtalk.engine.load.run import Run

RECORDED = Path(__file__).with_name("guard.json")
ALLOWED = 1.6
ATTEMPTS = 3
_ITERATIONS = 1_000
# Requests, and simple exchanges, between two readings of the clock: about two milliseconds each.
_STRETCH = 50
_PLAIN_STRETCH = 200
_BODY = b'{"code":0,"data":{"id":42,"token":"abcdefghijklmno%d"}}'
_HEAD = (
    b"HTTP/1.1 200 OK\r\nServer: none\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\nConnection: keep-alive\r\n\r\n" % len(_BODY % 0)
)
# Each step gets them in turns, so that no response has the bytes of the one before.
_ANSWERS = tuple(_HEAD + _BODY % number for number in (0, 0, 1, 1))
CASE = """
config: {name: guard, base_url: http://nowhere}
teststeps:
  - name: get
    request: {method: GET, url: /}
    extract: {token: body.data.token}
    validate: [{eq: [status_code, 200]}, {eq: [body.code, 0]}]
  - name: post
    request: {method: POST, url: /items, headers: {X-Token: $token}, json: {token: $token, n: 3}}
    validate: [{eq: [status_code, 200]}, {eq: [body.data.id, 42]}]
"""


class Stopwatch:
    """Collects ratios: CPU time of some requests, divided by that of the simple loop after them."""

    def __init__(self) -> None:
        self.ratios: list[float] = []
        self._requests = 0
        self._began = process_time()

    def on_request(self) -> None:
        self._requests += 1
        if self._requests % _STRETCH == 0:
            between = process_time()
            plainly(_PLAIN_STRETCH)
            ours, theirs = between - self._began, process_time() - between
            self.ratios.append(ours / _STRETCH / (theirs / _PLAIN_STRETCH))
            self._began = process_time()


class Answering(asyncio.Transport):
    """A connection to a server that answers by the next turn of the event loop."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, protocol: asyncio.Protocol, stopwatch: Stopwatch
    ) -> None:
        super().__init__()
        self._loop = loop
        self._protocol = protocol
        self._stopwatch = stopwatch
        self._closing = False
        self._answers = cycle(_ANSWERS)

    def write(self, data: Any) -> None:
        self._stopwatch.on_request()
        self._loop.call_soon(self._protocol.data_received, next(self._answers))

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._loop.call_soon(self._protocol.connection_lost, None)

    abort = close


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose unix sockets all lead to such a server."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        super().__init__()
        self._stopwatch = stopwatch

    async def create_unix_connection(  # type: ignore[override]
        self, protocol_factory: Callable[[], asyncio.Protocol], *_: Any, **__: Any
    ) -> tuple[Answering, asyncio.Protocol]:
        protocol = protocol_factory()
        transport = Answering(self, protocol, self._stopwatch)
        protocol.connection_made(transport)
        return transport, protocol


async def through_the_engine(case: Path) -> None:
    """Run the case's two requests many times; raises RuntimeError if one fails."""
    nowhere = HttpOptions(unix_socket=case.with_name("socket"))
    load = Load(Ramp(1), iterations=_ITERATIONS)
    run = Run(load_cases([case]).cases, load, RunSettings(http=nowhere))
    await run.prepare()
    ended = (await run.execute()).snapshot.accounting
    if ended.ok != 2 * _ITERATIONS:
        raise RuntimeError(f"the engine does not do its work: {ended}")


def plainly(exchanges: int) -> None:
    """Do the same work without an engine: build, split, decode, compare."""
    for _ in range(exchanges // 2):
        body = _exchange(b"GET / HTTP/1.1\r\nHost: nowhere\r\n\r\n")
        token = body["data"]["token"]
        data = orjson.dumps({"token": token, "n": 3})
        head = f"POST /items HTTP/1.1\r\nHost: nowhere\r\nX-Token: {token}\r\n\r\n"
        body = _exchange(head.encode() + data)
        assert body["data"]["id"] == 42


def _exchange(data: bytes) -> Any:
    head, _, body = (_ANSWERS[0] if data else b"").partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    headers = dict(line.split(b": ", 1) for line in lines)
    assert status.split()[1] == b"200"
    assert int(headers[b"Content-Length"]) == len(body)
    return orjson.loads(body)


def ratio_of_now(case: Path) -> float:
    """Return the engine's CPU time per request, divided by that of the simple loop."""
    stopwatch = Stopwatch()
    with asyncio.Runner(loop_factory=lambda: Loop(stopwatch)) as runner:
        runner.run(through_the_engine(case))
    return median(stopwatch.ratios)


def is_lost(ratios: Iterable[float], limit: float) -> bool:
    """Return whether every attempt is over the limit; stop at the first one that is not."""
    return all(ratio > limit for ratio in ratios)


def recorded() -> float:
    """Return the recorded ratio for this version of Python, else the highest recorded one."""
    known: dict[str, float] = json.loads(RECORDED.read_text())
    return known.get(_python(), max(known.values()))


def record(ratio: float) -> None:
    known = {}
    with suppress(FileNotFoundError):
        known = json.loads(RECORDED.read_text())
    known[_python()] = round(ratio, 2)
    RECORDED.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


def _python() -> str:
    return ".".join(platform.python_version_tuple()[:2])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m perf.guard", description=__doc__)
    parser.add_argument("--record", action="store_true", help="record the current ratio")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder, "case.yml")
        case.write_text(CASE)
        if options.record:
            record(median(ratio_of_now(case) for _ in range(ATTEMPTS)))
        before = recorded()

        def attempts() -> Iterable[float]:
            for _ in range(ATTEMPTS):
                ratio = ratio_of_now(case)
                print(f"a request costs {ratio:.2f} simple ones; recorded: {before:.2f}")
                yield ratio

        sys.exit(int(is_lost(attempts(), before * ALLOWED)))


if __name__ == "__main__":
    main()
