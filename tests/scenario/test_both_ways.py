"""Test that a plain step counts what the general way of the same step counts."""

from __future__ import annotations

import asyncio
import gzip
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import uvloop
import yaml
from boomtalk.engine import ArrivalRate, Load, Ramp, RunSettings, load_cases
from boomtalk.engine.http.head import Heads
from boomtalk.engine.http.options import HttpOptions
from boomtalk.engine.load.load_run import Outcome
from boomtalk.engine.load.run import Run
from boomtalk.engine.measure.snapshot import StepSnapshot
from boomtalk.engine.scenario.request_step import CompiledRequest
from boomtalk.engine.scenario.walk import Stretch
from boomtalk.engine.stop import Stop
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.support.raw_http import Connection, Finished, answer, json_answer

BODY = {"code": 0, "token": "abc", "items": [{"id": 7}]}
PATHS = (
    "/plain",
    "/plain",
    "/plain",
    "/vary/$n",
    "/once",
    "/encoded",
    "/chunked",
    "/split",
    "/cookie",
    "/redirect",
    "/loop",
    "/nowhere",
    "/last",
    "/drop",
    "/half",
    "/late",
    "/empty",
    "/hang",
)
CHECKS: tuple[dict[str, list[Any]], ...] = (
    {"eq": ["status_code", 200]},
    {"eq": ["status_code", 299]},
    {"eq": ["body.code", 0]},
    {"eq": ["body.code", False]},
    {"eq": ["body.items.0.id", 7]},
    {"lt": ["body.token", 3]},
    {"contains": ["headers.Server", "us"]},
    {"eq": ["body.token", "$token"]},
    {"regex_match": ["body.token", "$broken"]},
)
EXTRACTS = ({"token": "body.token"}, {"token": "body.items[0].id"}, {"token": "$.nothing"})


@dataclass
class Server:
    """Answers each path in its own way, and counts the requests."""

    paths: Counter[str] = field(default_factory=Counter)
    hanging: int = 0
    answers: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(0, reader, writer)
        try:
            while (request := await connection.request()) is not None:
                await connection.body(request)
                self.paths[f"{request.method} {request.path}"] += 1
                self.answers += 1
                way = getattr(self, f"_{request.path.split('/')[1]}")
                await way(connection, request.headers.get("cookie", ""))
        except (Finished, ConnectionError):
            pass
        finally:
            writer.close()

    async def _plain(self, connection: Connection, cookies: str) -> None:
        await connection.send(json_answer({**BODY, "cookies": cookies}))

    _vary = _plain

    async def _once(self, connection: Connection, cookies: str) -> None:
        await connection.send(answer(b'{"code": 0}', "200 OK", f"X-Id: {self.answers}"))

    async def _encoded(self, connection: Connection, cookies: str) -> None:
        content = gzip.compress(b'{"code": 0, "token": "abc"}', mtime=0)
        await connection.send(answer(content, "200 OK", "Content-Encoding: gzip"))

    async def _chunked(self, connection: Connection, cookies: str) -> None:
        await connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await connection.send(b'b\r\n{"code": 0}\r\n0\r\n\r\n')

    async def _split(self, connection: Connection, cookies: str) -> None:
        whole = json_answer(BODY)
        for piece in (whole[:20], whole[20:60], whole[60:]):
            await connection.send(piece)
            await asyncio.sleep(0)

    async def _cookie(self, connection: Connection, cookies: str) -> None:
        await connection.send(answer(b"{}", "200 OK", "Set-Cookie: sid=1; Path=/"))

    async def _redirect(self, connection: Connection, cookies: str) -> None:
        await connection.send(answer(b"", "302 Found", "Location: /plain", "Set-Cookie: hop=1"))

    async def _loop(self, connection: Connection, cookies: str) -> None:
        await connection.send(answer(b"", "307 Temporary Redirect", "Location: /loop"))

    async def _nowhere(self, connection: Connection, cookies: str) -> None:
        await connection.send(answer(b"", "301 Moved Permanently", "Location: ftp://x/"))

    async def _last(self, connection: Connection, cookies: str) -> None:
        await connection.send(answer(b'{"code": 0}', "200 OK", "Connection: close"))
        raise Finished

    async def _drop(self, connection: Connection, cookies: str) -> None:
        raise Finished

    async def _half(self, connection: Connection, cookies: str) -> None:
        await connection.send(json_answer(BODY)[:-5])
        raise Finished

    async def _late(self, connection: Connection, cookies: str) -> None:
        await connection.reader.read()

    async def _empty(self, connection: Connection, cookies: str) -> None:
        await connection.send(b"HTTP/1.1 204 No Content\r\n\r\n")

    async def _hang(self, connection: Connection, cookies: str) -> None:
        self.hanging += 1
        await connection.reader.read()


@st.composite
def steps(draw: st.DrawFn) -> dict[str, Any]:
    path = draw(st.sampled_from(PATHS))
    request: dict[str, Any] = {"method": draw(st.sampled_from(["GET", "GET", "POST", "HEAD"]))}
    request |= {"url": path, "allow_redirects": draw(st.booleans())}
    if path == "/late":
        request["timeout"] = 0.03
    if draw(st.booleans()):
        request["headers"] = {"X-Token": "$token$n"}
    if draw(st.booleans()):
        request["cookies"] = {"own": "1"}
    step: dict[str, Any] = {"name": path, "request": request}
    if draw(st.booleans()):
        step["variables"] = {"twice": "$n$n"}
    step["extract"] = draw(st.sampled_from([{}, {}, *EXTRACTS]))
    step["validate"] = draw(st.lists(st.sampled_from(CHECKS), max_size=2))
    return step


cases = st.lists(steps(), min_size=1, max_size=4)


@contextmanager
def quick_way(awaits: Sequence[bool]) -> Iterator[None]:
    """Let steps be plain; those for which it is said are made as if they called a plugin."""
    of, told = Stretch.of, cycle(awaits)

    def made(step: CompiledRequest) -> Stretch:
        (plain,) = of(step).steps
        return Stretch((structs.replace(plain, awaits=next(told)),))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stretch, "of", made)
        yield


@contextmanager
def general_way() -> Iterator[None]:
    """Let every step go the general way, and have every head parsed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stretch, "of", lambda step: step)
        patch.setattr(Heads, "learn", lambda *_: None)
        yield


CLOSED = Load(Ramp(2, spawn_rate=1000), loops=2, graceful_stop=0.0)
OPEN = Load(ArrivalRate(100_000, max_users=4), iterations=4, graceful_stop=0.0)


async def run(path: Path, steps: list[dict[str, Any]], load: Load) -> dict[str, Any]:
    """Run the steps under a small load; return all that is counted, by both sides."""
    server = Server()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    # A loop with an open listener is never closed: a failure would be a hang.
    with closing(listener):
        port = listener.sockets[0].getsockname()[1]
        config = {
            "name": "both",
            "base_url": f"http://127.0.0.1:{port}",
            "variables": {"n": 1, "token": "abc", "broken": "("},
        }
        path.write_text(yaml.safe_dump({"config": config, "teststeps": steps}))
        stop = Stop()
        http = HttpOptions(max_redirects=3)
        made = Run(load_cases([path]).cases, load, RunSettings(http=http), stop=stop)
        await made.prepare()
        running = asyncio.create_task(made.execute())
        while not running.done() and server.hanging < load.users:
            await asyncio.sleep(0.001)
        stop.request("signal")
        outcome = await running
        failures = made.take_failures()
    kept = sorted((one.step, one.kind, one.detail, _told(one.message, port)) for one in failures)
    told = counted(outcome, port)
    if load is OPEN:  # how many users it needs depends on how quick their responses are
        told["steps"] = [structs.replace(step, connect=0) for step in told["steps"]]
        told["wire"] = replace(told["wire"], connections_opened=0)
    return {**told, "paths": server.paths, "kept": kept}


def counted(outcome: Outcome, port: int) -> dict[str, Any]:
    snapshot = outcome.snapshot
    return {
        "accounting": snapshot.accounting,
        "iterations": snapshot.iterations,
        "wire": outcome.wire,
        "steps": [_counts_of(step) for step in snapshot.steps],
        "transactions": [(one.ok, one.failed, one.interrupted) for one in snapshot.transactions],
        "errors": sorted(
            (one.step, one.kind, one.detail, _told(one.message, port), one.count)
            for one in snapshot.errors
        ),
    }


def _counts_of(step: StepSnapshot) -> StepSnapshot:
    """Return the snapshot with the number of its times in place of them."""
    kinds = ("latency", "connect", "response")
    return structs.replace(step, **{kind: getattr(step, kind).count for kind in kinds})


def _told(message: str, port: int) -> str:
    return message.replace(str(port), "PORT")


@settings(max_examples=15)
@given(
    cases,
    st.sampled_from([(False,), (True,), (False, True), (True, False, False)]),
    st.sampled_from([CLOSED, OPEN]),
)
def test_both_ways_of_a_step_count_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[dict[str, Any]],
    awaits: Sequence[bool],
    load: Load,
) -> None:
    path = tmp_path_factory.mktemp("both") / "case.yml"
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        with quick_way(awaits):
            quick = runner.run(run(path, steps, load))
        with general_way():
            general = runner.run(run(path, steps, load))
    assert quick == general
