"""Test one attempt on the wire: the bytes written, the response, the kinds of failure."""

from __future__ import annotations

import asyncio
import gc
import gzip
import zlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import perf_counter

import pytest
from boomtalk.engine.errors import StepFailed
from boomtalk.engine.http.agent import Agent
from boomtalk.engine.http.network import Network
from boomtalk.engine.http.options import HttpOptions
from boomtalk.engine.http.request import Request
from boomtalk.engine.http.response import Response
from yarl import URL

from .conftest import get
from .scripted_server import OK, Answer, Asked, ScriptedServer

Story = Callable[[ScriptedServer, Agent, Network], Awaitable[None]]


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))


def with_body(body: bytes, *headers: bytes) -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (lines, len(body), body)


def writes_and_closes(data: bytes) -> Answer:
    async def answer(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        writer.close()

    return answer


def aborts_after(data: bytes) -> Answer:
    async def answer(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        writer.transport.abort()

    return answer


async def never(_asked: Asked, _writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


COMPLETE = {
    "a length": (OK, b"ok"),
    "chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(b"hello ", b"world"),
        b"hello world",
    ),
    "an interim response first": (b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + OK, b"ok"),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    "not modified": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n", b""),
    "an empty body": (with_body(b""), b""),
    "gzip": (with_body(gzip.compress(b"squeezed"), b"Content-Encoding: gzip"), b"squeezed"),
    "deflate": (with_body(zlib.compress(b"squeezed"), b"Content-Encoding: deflate"), b"squeezed"),
    "an unknown encoding": (with_body(b"??", b"Content-Encoding: rot13"), b"??"),
    "300 kB": (with_body(b"x" * 300_000), b"x" * 300_000),
}


@pytest.mark.parametrize("name", COMPLETE)
def test_a_complete_response_leaves_the_connection_usable(
    name: str, play: Callable[..., None]
) -> None:
    answer, body = COMPLETE[name]

    async def story(server: ScriptedServer, agent: Agent, network: Network) -> None:
        for _ in range(3):
            response = await agent.send(get(server, "/x"))
            assert response.content == body
        assert server.connections == network.wire.connections_opened == 1
        assert len(server.asked) == network.wire.requests == 3

    play({b"/x": answer}, story)


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (writes_and_closes(b"HTTP/1.1 200 OK\r\n\r\nuntil the end"), b"until the end"),
        (writes_and_closes(b"HTTP/1.0 200 OK\r\n\r\nold"), b"old"),
        (with_body(b"last", b"Connection: close"), b"last"),
    ],
)
def test_a_response_may_end_its_connection(
    answer: Answer, body: bytes, play: Callable[..., None]
) -> None:
    async def story(server: ScriptedServer, agent: Agent, network: Network) -> None:
        for _ in range(2):
            assert (await agent.send(get(server, "/x"))).content == body
        assert server.connections == network.wire.connections_opened == 2

    play({b"/x": answer}, story)


def test_the_answer_to_head_has_no_body(play: Callable[..., None]) -> None:
    head_only = b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n"

    async def story(server: ScriptedServer, agent: Agent, _network: Network) -> None:
        head = Request("HEAD", URL(server.url + "/head"))
        for request, body in ((head, b""), (get(server, "/x"), b"ok"), (head, b"")):
            assert (await agent.send(request)).content == body
        assert server.connections == 1

    play({b"/head": head_only, b"/x": OK}, story)


FAILURES = {
    "closed before the response": (writes_and_closes(b""), "disconnected", "closed"),
    "closed inside the head": (writes_and_closes(b"HTTP/1.1 200"), "disconnected", "closed"),
    "a body cut short": (
        writes_and_closes(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
        "truncated",
        "",
    ),
    "chunks cut short": (
        writes_and_closes(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"),
        "truncated",
        "",
    ),
    "a garbage status line": (b"SPAM 200 OK\r\n\r\n", "bad_http", ""),
    "a bad chunk size": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "bad_http",
        "",
    ),
    "a negative length": (b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n", "bad_http", ""),
    "a header line without end": (
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 9000 + b"\r\n\r\n",
        "bad_http",
        "",
    ),
    "bytes after the body": (OK + b"surplus\r\n\r\n", "bad_http", ""),
    "broken gzip": (with_body(b"not gzip at all", b"Content-Encoding: gzip"), "decode", ""),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_defect_is_named_and_sent_only_once(name: str, play: Callable[..., None]) -> None:
    answer, kind, detail = FAILURES[name]

    async def story(server: ScriptedServer, agent: Agent, network: Network) -> None:
        with pytest.raises(StepFailed) as caught:
            await agent.send(get(server, "/x"))
        assert (caught.value.kind, caught.value.detail) == (kind, detail)
        assert len(server.asked) == network.wire.requests == 1
        assert agent.latency is not None
        assert agent.latency > 0
        # The next request starts clean, on another connection.
        assert (await agent.send(get(server, "/ok"))).content == b"ok"
        assert server.connections == 2

    play({b"/x": answer, b"/ok": OK}, story)


def test_a_failed_exchange_leaves_no_cycle(play: Callable[..., None]) -> None:
    """A load collects garbage rarely, so a failure in a cycle would stay with its body."""

    async def story(server: ScriptedServer, agent: Agent, network: Network) -> None:
        async def fail() -> None:
            for path in ("/cut", "/bad", "/closed"):
                with suppress(StepFailed):
                    await agent.send(get(server, path))

        await fail()
        gc.collect()
        gc.disable()
        try:
            for _ in range(5):
                await fail()
            await asyncio.sleep(0)
            kept = [one for one in gc.get_objects() if isinstance(one, StepFailed)]
            assert kept == []
        finally:
            gc.enable()

    script = {
        b"/cut": FAILURES["a body cut short"][0],
        b"/bad": FAILURES["a bad chunk size"][0],
        b"/closed": FAILURES["closed before the response"][0],
    }
    play(script, story)


def test_a_reset_is_a_disconnect(play: Callable[..., None]) -> None:
    async def story(server: ScriptedServer, agent: Agent, network: Network) -> None:
        with pytest.raises(StepFailed) as caught:
            await agent.send(get(server, "/x"))
        assert caught.value.kind in ("disconnected", "truncated")
        assert len(server.asked) == network.wire.requests == 1

    play({b"/x": aborts_after(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")}, story)


def test_an_idle_connection_closed_by_the_server_is_replaced_without_a_failure(
    play: Callable[..., None],
) -> None:
    closed = asyncio.Event()

    async def answer(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        closed.set()

    async def story(server: ScriptedServer, agent: Agent, network: Network) -> None:
        for _ in range(3):
            closed.clear()
            await agent.send(get(server, "/x"))
            await closed.wait()
            channel = next(iter(agent._channels.values()))
            while channel.is_open:
                await asyncio.sleep(0)
        assert network.wire.requests == len(server.asked) == 3

    play({b"/x": answer}, story)


def test_a_body_over_the_cap_is_cut_off(play: Callable[..., None]) -> None:
    bomb = gzip.compress(bytes(20_000_000))

    async def story(server: ScriptedServer, agent: Agent, _network: Network) -> None:
        for path in ("/plain", "/bomb"):
            with pytest.raises(StepFailed) as caught:
                await agent.send(get(server, path))
            assert caught.value.kind == "too_large"

    script = {
        b"/plain": with_body(bytes(3_000_000)),
        b"/bomb": with_body(bomb, b"Content-Encoding: gzip"),
    }
    play(script, story, HttpOptions(max_body=1_000_000))


@pytest.mark.parametrize("path", ["/never", "/drip"])
def test_a_slow_answer_runs_into_the_timeout_of_the_whole(
    path: str, play: Callable[..., None]
) -> None:
    async def drip(_asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async def story(server: ScriptedServer, agent: Agent, _network: Network) -> None:
        began_at = perf_counter()
        with pytest.raises(StepFailed) as caught:
            await agent.send(get(server, path, timeout=0.2))
        assert (caught.value.kind, caught.value.detail) == ("timeout", "total")
        assert perf_counter() - began_at >= 0.2
        assert agent.latency is not None
        # A longer timeout after a short one is not cut by the old timer.
        assert (await agent.send(get(server, "/ok", timeout=5))).status == 200

    play({b"/never": never, b"/drip": drip, b"/ok": OK}, story)


def test_nothing_is_written_when_nobody_listens(play: Callable[..., None]) -> None:
    async def story(server: ScriptedServer, agent: Agent, network: Network) -> None:
        listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        listener.close()
        await listener.wait_closed()
        with pytest.raises(StepFailed) as caught:
            await agent.send(Request("GET", URL(f"http://127.0.0.1:{port}/")))
        assert (caught.value.kind, caught.value.detail) == ("connect", "refused")
        assert str(caught.value) == f"127.0.0.1:{port}: Connection refused"
        assert network.wire.requests == 0
        assert agent.latency is None
        assert agent.connect_time > 0

    play({}, story)


def test_a_name_without_address_is_a_dns_failure(play: Callable[..., None]) -> None:
    async def story(_server: ScriptedServer, agent: Agent, network: Network) -> None:
        with pytest.raises(StepFailed) as caught:
            await agent.send(Request("GET", URL("http://no-such-host.invalid/")))
        assert caught.value.kind == "dns"
        assert network.wire.requests == 0

    play({}, story)


def test_a_cancelled_request_closes_its_connection(play: Callable[..., None]) -> None:
    async def story(server: ScriptedServer, agent: Agent, network: Network) -> None:
        sending = asyncio.ensure_future(agent.send(get(server, "/never")))
        while not server.asked:
            await asyncio.sleep(0)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert (await agent.send(get(server, "/ok"))).content == b"ok"
        assert network.wire.requests == 2
        assert server.connections == 2

    play({b"/never": never, b"/ok": OK}, story)


def test_cookies_belong_to_one_user_and_its_own_value_wins(play: Callable[..., None]) -> None:
    sets = with_body(b"", b"Set-Cookie: sid=1; Path=/", b"Set-Cookie: other=2; Path=/deep")

    async def story(server: ScriptedServer, agent: Agent, network: Network) -> None:
        stranger = Agent(network)
        response = await agent.send(get(server, "/set"))
        assert response.cookies == {"sid": "1", "other": "2"}
        await agent.send(get(server, "/x"))
        await agent.send(get(server, "/x", cookies=(("sid", "mine"),)))
        await stranger.send(get(server, "/x"))
        agent.jar = None
        await agent.send(get(server, "/x"))
        stranger.close()
        sent = [asked.header(b"cookie") for asked in server.asked]
        assert sent == [None, b"sid=1", b"sid=mine", None, None]

    play({b"/set": sets, b"/x": OK}, story)


@pytest.mark.parametrize(
    ("line", "closes"),
    [
        ("close", True),
        ("Close", True),
        ("x-mine,\tCLOSE ", True),
        ("keep-alive", False),
        ("closed, enclose", False),
        ("", False),
    ],
)
def test_nothing_more_is_sent_on_a_connection_that_the_author_closes(
    line: str, closes: bool, play: Callable[..., None]
) -> None:
    """RFC 9112, 9.6: also where the server has not closed it yet."""

    async def story(server: ScriptedServer, agent: Agent, network: Network) -> None:
        for _ in range(3):
            await agent.send(Request("GET", URL(server.url + "/x"), [("CONNECTION", line)]))
        assert server.connections == network.wire.connections_opened == (3 if closes else 1)

    play({b"/x": OK}, story)


def test_without_keepalive_each_request_has_its_connection(play: Callable[..., None]) -> None:
    async def story(server: ScriptedServer, agent: Agent, _network: Network) -> None:
        for _ in range(3):
            await agent.send(get(server, "/x"))
        assert server.connections == 3

    play({b"/x": OK}, story, HttpOptions(keepalive=False))


def test_connections_under_a_limit_are_shared_between_users(play: Callable[..., None]) -> None:
    async def story(server: ScriptedServer, agent: Agent, network: Network) -> None:
        agents = [agent, *(Agent(network) for _ in range(9))]

        async def use(one: Agent) -> Response:
            for _ in range(5):
                response = await one.send(get(server, "/x"))
            return response

        await asyncio.gather(*map(use, agents))
        for one in agents[1:]:
            one.close()
        assert server.connections <= 2
        assert len(server.asked) == 50

    play({b"/x": OK}, story, HttpOptions(max_connections=2))


@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        ("GET", "/relative", []),
        ("GET", "ftp://h/x", []),
        ("GE T", "http://h/x", []),
        ("GET", "http://h/x", [("X", "a\r\nEvil: 1")]),
        ("GET", "http://h/x", [("X\n", "a")]),
        ("GET", "http://h/x", [("X", "lone \ud800 surrogate")]),
    ],
)
def test_what_would_break_the_wire_is_never_written(
    method: str, url: str, headers: list[tuple[str, str]]
) -> None:
    with pytest.raises(StepFailed) as caught:
        Request(method, URL(url), headers)
    assert caught.value.kind == "template"


def test_the_wire_carries_the_authors_words(play: Callable[..., None]) -> None:
    async def story(server: ScriptedServer, agent: Agent, _network: Network) -> None:
        url = URL(server.url + "/x")
        headers = [("X-Own", "ü"), ("Host", "virtual.example"), ("Content-Length", "99")]
        await agent.send(Request("POST", url, headers, b"12345"))
        asked = server.asked[0]
        assert asked.header(b"x-own") == "ü".encode()
        assert asked.header(b"host") == b"virtual.example"
        assert asked.head.lower().count(b"content-length") == 1
        assert asked.body == b"12345"

    play({b"/x": OK}, story)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"", ""),
        (b"123", 123),
        (b"null", None),
        (b'"abc"', "abc"),
        (b'{"id": 9007199254740993}', {"id": 9007199254740993}),
        (b'{"id": 18446744073709551617}', {"id": 18446744073709551617}),
        (b'{"a": NaN}', '{"a": NaN}'),
        (b"<html>", "<html>"),
        (b"caf\xff", "caf\ufffd"),
    ],
)
def test_any_json_document_is_decoded_and_anything_else_is_text(
    content: bytes, value: object, play: Callable[..., None]
) -> None:
    async def story(server: ScriptedServer, agent: Agent, _network: Network) -> None:
        response = await agent.send(get(server, "/x"))
        assert response.body == value
        assert type(response.body) is type(value)

    play({b"/x": with_body(content)}, story)
