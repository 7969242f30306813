"""Test that a response whose bytes passed before is judged anew where more than bytes decides."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import uvloop
import yaml
from aiohttp import web
from boomtalk.engine import Load, Ramp, RunSettings, load_cases
from boomtalk.engine.load.run import Run

from tests.support.raw_http import Connection, answer, json_answer
from tests.support.websocket_server import serving

# Enough for a head to be known, and for a response to follow one of the same bytes.
_OFTEN = 12
_SLOW = 0.2  # seconds
Answer = Callable[[int], bytes]


@asynccontextmanager
async def served(answers: Answer, first_after: float = 0.0) -> AsyncIterator[str]:
    """Give the n-th request, from 0, the n-th answer; the first one takes some seconds."""
    number = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal number
        connection = Connection(0, reader, writer)
        while await connection.request() is not None:
            if number == 0:
                await asyncio.sleep(first_after)
            await connection.send(answers(number))
            number += 1
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    finally:
        listener.close()


def ok_of(
    folder: Path,
    answers: Answer,
    validate: Sequence[Any],
    url: str = "/",
    first_after: float = 0.0,
    **config: Any,
) -> tuple[int, int]:
    """Return how many responses passed, and how many failed."""
    step = {"name": "a", "request": {"method": "GET", "url": url}, "validate": validate}
    return counted(folder, served(answers, first_after), [step], config)


def counted(
    folder: Path, serving: AbstractAsyncContextManager[str], steps: Sequence[Any], config: Any
) -> tuple[int, int]:
    case = folder / "case.yml"
    case.write_text(yaml.safe_dump({"config": {"name": "c", **config}, "teststeps": steps}))

    async def main() -> tuple[int, int]:
        async with serving as base:
            load = Load(Ramp(1), iterations=_OFTEN)
            run = Run(load_cases([case]).cases, load, RunSettings(base_url=base))
            await run.prepare()
            counts = (await run.execute()).snapshot.accounting
            return counts.ok, counts.failed

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main())


def same(number: int) -> bytes:
    return json_answer({"code": 0, "id": 1})


def test_the_same_bytes_pass_each_time(tmp_path: Path) -> None:
    checks = [{"eq": ["status_code", 200]}, {"eq": ["body.code", 0]}]
    assert ok_of(tmp_path, same, checks) == (_OFTEN, 0)


def test_the_same_bytes_fail_each_time(tmp_path: Path) -> None:
    assert ok_of(tmp_path, same, [{"eq": ["body.code", 1]}]) == (0, _OFTEN)


def test_another_body_of_the_same_length_is_judged(tmp_path: Path) -> None:
    def answers(number: int) -> bytes:
        return json_answer({"code": int(number % 3 == 2), "id": 1})

    assert ok_of(tmp_path, answers, [{"eq": ["body.code", 0]}]) == (_OFTEN - 4, 4)


def test_another_head_with_the_same_body_is_judged(tmp_path: Path) -> None:
    def answers(number: int) -> bytes:
        return answer(b"{}", "200 OK", f"X-Ready: {'yes' if number % 4 else 'not'}")

    assert ok_of(tmp_path, answers, [{"eq": ["headers.X-Ready", "yes"]}]) == (_OFTEN - 3, 3)


def test_another_status_with_the_same_body_is_judged(tmp_path: Path) -> None:
    def answers(number: int) -> bytes:
        return answer(b"{}", "200 OK" if number % 4 else "500 No")

    assert ok_of(tmp_path, answers, [{"eq": ["status_code", 200]}]) == (_OFTEN - 3, 3)


def test_a_head_that_is_new_each_time_is_judged_by_its_status(tmp_path: Path) -> None:
    def answers(number: int) -> bytes:
        return answer(b'{"code": 0}', "200 OK" if number % 4 else "500 No", f"X-Id: {number}")

    checks = [{"eq": ["status_code", 200]}, {"eq": ["body.code", 0]}]
    assert ok_of(tmp_path, answers, checks) == (_OFTEN - 3, 3)


@pytest.mark.parametrize("check", [{"contains": ["body", "{+"]}, {"eq": ["body.0", "{"]}])
def test_the_same_bytes_may_be_other_characters(tmp_path: Path, check: Any) -> None:
    """In UTF-7 `+-` is a plus sign: a charset of the head decides about bytes in ASCII."""

    def answers(number: int) -> bytes:
        charset = "utf-7" if number % 4 else "utf-16le"
        return answer(b"{+-", "200 OK", f"Content-Type: text/plain; charset={charset}")

    assert ok_of(tmp_path, answers, [check]) == (_OFTEN - 3, 3)


def test_what_was_expected_may_be_another_value(tmp_path: Path) -> None:
    rows = {"wanted": [1, 2]}
    found = ok_of(tmp_path, same, [{"eq": ["body.id", "$wanted"]}], parameters=rows)
    assert found == (_OFTEN // 2, _OFTEN // 2)


def test_what_is_searched_may_be_another_place(tmp_path: Path) -> None:
    rows = {"place": ["id", "code"]}
    found = ok_of(tmp_path, same, [{"eq": ["body.$place", 1]}], parameters=rows)
    assert found == (_OFTEN // 2, _OFTEN // 2)


def test_the_same_bytes_may_come_from_another_url(tmp_path: Path) -> None:
    rows = {"n": [1, 2]}
    found = ok_of(tmp_path, same, [{"endswith": ["url", "2"]}], url="/?n=$n", parameters=rows)
    assert found == (_OFTEN // 2, _OFTEN // 2)


@pytest.mark.parametrize(
    "check",
    [
        {"ge": ["elapsed.total_seconds", _SLOW]},
        {"ge": ["headers.Nothing || elapsed", _SLOW * 1000]},
    ],
)
def test_the_same_bytes_may_take_another_time(tmp_path: Path, check: Any) -> None:
    ok, failed = ok_of(tmp_path, same, [check], first_after=2 * _SLOW)
    assert ok >= 1
    assert failed >= 1
    assert ok + failed == _OFTEN


@asynccontextmanager
async def answering(text: Callable[[int], str]) -> AsyncIterator[str]:
    """Give the n-th message on websockets, from 0, the n-th text as answer."""
    numbers = count()

    async def answer(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for _ in socket:
            await socket.send_str(text(next(numbers)))
        return socket

    async with serving(answer) as port:
        yield f"ws://127.0.0.1:{port}"


def messages_ok_of(
    folder: Path, text: Callable[[int], str], wanted: str, **config: Any
) -> tuple[int, int]:
    """Return how many messages passed, and how many failed; each is sent on its own connection."""
    steps = [
        {"name": "open", "websocket": {"type": "open", "url": "/ws"}},
        {
            "name": "ask",
            "websocket": {"type": "wr", "url": "/ws", "text": "go"},
            "validate": [{"eq": ["body", wanted]}],
        },
    ]
    ok, failed = counted(folder, answering(text), steps, config)
    return ok - _OFTEN, failed


def test_another_message_is_judged(tmp_path: Path) -> None:
    found = messages_ok_of(tmp_path, lambda number: "no" if number % 4 == 2 else "ok", "ok")
    assert found == (_OFTEN - 3, 3)


def test_the_same_message_may_not_be_the_wanted_one(tmp_path: Path) -> None:
    rows = {"wanted": ["ok", "no"]}
    found = messages_ok_of(tmp_path, lambda _: "ok", "$wanted", parameters=rows)
    assert found == (_OFTEN // 2, _OFTEN // 2)
