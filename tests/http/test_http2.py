"""Test exchanges over HTTP/2 with a server by h2: what works with HTTP/1.1 works here."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import trustme
import uvloop
from boomtalk.engine.errors import StepFailed
from boomtalk.engine.http.agent import Agent
from boomtalk.engine.http.multipart import FilePart, Multipart
from boomtalk.engine.http.network import Network
from boomtalk.engine.http.options import HttpOptions
from boomtalk.engine.http.request import Request
from yarl import URL

from .conftest import act
from .http2_server import Answer, Server, listening, server_context
from .scripted_server import OK as OK_1
from .scripted_server import scripted

Story = Callable[[Server, Agent, Network], Awaitable[None]]
Play = Callable[..., None]


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def authority(ca: trustme.CA, tmp_path: Path) -> Path:
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return tmp_path / "ca.pem"


@pytest.fixture(params=["asyncio", "uvloop"])
def play(request: pytest.FixtureRequest, ca: trustme.CA, authority: Path) -> Play:
    """Run a test body against a server of these answers, on both event loops."""
    runner = asyncio.run if request.param == "asyncio" else uvloop.run

    def tell(answers: dict[str, Answer], story: Story, **options: object) -> None:
        async def main() -> None:
            server = Server(answers)
            async with listening(server.serve, server_context(ca, "h2", "http/1.1")) as server.url:
                http = HttpOptions(timeout=10, cacert=authority, **options)  # type: ignore[arg-type]
                await act(story, server, http)

        runner(main())

    return tell


def ask(server: Server, path: str, method: str = "GET", **options: object) -> Request:
    options = {"http2": "demanded", **options}
    return Request(method, URL(server.url + path), **options)  # type: ignore[arg-type]


PLAIN = Answer(headers=(("content-type", "application/json"), ("etag", "x")), body=b'{"a": 1}')


def test_one_connection_carries_all_requests_of_a_user(play: Play) -> None:
    async def story(server: Server, agent: Agent, network: Network) -> None:
        for _ in range(3):
            response = await agent.send(ask(server, "/?q=1"))
            assert (response.status, response.proto) == (200, "HTTP/2.0")
            assert (response.body, response.reason) == ({"a": 1}, "OK")
            assert response.headers["ETag"] == "x"
        assert server.connections == network.wire.connections_opened == 1
        assert network.wire.requests == len(server.asked) == 3

    play({"/?q=1": PLAIN}, story)


def test_a_request_has_the_fields_of_http2(play: Play) -> None:
    async def story(server: Server, agent: Agent, _network: Network) -> None:
        headers = [
            *(("X-Own", " a  b "), ("Connection", "keep-alive, X-Hop"), ("X-Hop", "1")),
            *(("Keep-Alive", "5"), ("TE", "gzip"), ("Transfer-Encoding", "chunked")),
        ]
        request = ask(server, "/a", "POST", headers=headers, body=b"content")
        await agent.send(request)
        [asked] = server.asked
        assert asked.pairs == [
            (":method", "POST"),
            (":scheme", "https"),
            (":authority", server.url.removeprefix("https://")),
            (":path", "/a"),
            ("x-own", "a  b"),
            ("content-length", "7"),
        ]
        assert asked.body == b"content"

    play({"/a": PLAIN}, story)


def test_a_step_may_name_another_authority(play: Play) -> None:
    async def story(server: Server, agent: Agent, _network: Network) -> None:
        await agent.send(ask(server, "/", headers=[("Host", "other.example"), ("TE", "trailers")]))
        assert server.asked[0].fields[":authority"] == "other.example"
        assert server.asked[0].fields["te"] == "trailers"
        assert "host" not in server.asked[0].fields

    play({"/": PLAIN}, story)


COMPLETE = {
    "no content": (Answer(204), b""),
    "not modified": (Answer(304, (("content-length", "10"),)), b""),
    "an empty body": (Answer(200, (("content-length", "0"),)), b""),
    "no length": (Answer(body=b"abc"), b"abc"),
    "interim responses first": (Answer(body=b"abc", interim=(100, 103)), b"abc"),
    "trailers": (Answer(body=b"abc", trailers=(("x-sum", "1"),)), b"abc"),
    "gzip": (Answer(200, (("content-encoding", "gzip"),), gzip.compress(b"abc")), b"abc"),
    "an unknown status": (Answer(799, body=b"abc"), b"abc"),
    "20 MB": (Answer(body=b"x" * 20_000_000), b"x" * 20_000_000),
}


@pytest.mark.parametrize("name", COMPLETE)
def test_a_complete_response_leaves_the_connection_usable(name: str, play: Play) -> None:
    answer, body = COMPLETE[name]

    async def story(server: Server, agent: Agent, _network: Network) -> None:
        for _ in range(2):
            response = await agent.send(ask(server, "/"))
            assert (response.status, response.content == body) == (answer.status, True)
            assert "x-sum" not in response.headers
        assert server.connections == 1

    play({"/": answer}, story)


def test_the_answer_to_head_has_no_body(play: Play) -> None:
    async def story(server: Server, agent: Agent, _network: Network) -> None:
        for method in ("HEAD", "GET"):
            response = await agent.send(ask(server, "/", method))
            assert (response.status, response.content) == (200, b"")
        assert server.connections == 1

    play({"/": Answer(200, (("content-length", "0"),))}, story)


def test_a_large_body_goes_as_the_server_takes_it(play: Play) -> None:
    body = bytes(range(256)) * 20_000

    async def story(server: Server, agent: Agent, network: Network) -> None:
        for _ in range(2):
            await agent.send(ask(server, "/", "PUT", body=body))
        assert [asked.body == body for asked in server.asked] == [True, True]
        assert 2 * len(body) < network.wire.bytes_out < 2 * len(body) + 20_000

    play({"/": PLAIN}, story)


def test_an_upload_goes_as_the_server_takes_it(play: Play, tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(b"y" * 3_000_000)

    async def story(server: Server, agent: Agent, _network: Network) -> None:
        form = Multipart([FilePart("f", tmp_path / "big.bin")])
        headers = [("Content-Type", form.content_type)]
        for _ in range(2):
            await agent.send(ask(server, "/", "POST", form=form, headers=headers))
        assert [len(asked.body) for asked in server.asked] == [form.length] * 2
        assert server.asked[0].fields["content-length"] == str(form.length)
        assert b"y" * 3_000_000 in server.asked[1].body

    play({"/": PLAIN}, story)


def test_cookies_come_back(play: Play) -> None:
    async def story(server: Server, agent: Agent, _network: Network) -> None:
        await agent.send(ask(server, "/in"))
        await agent.send(ask(server, "/", cookies=(("own", "2"),)))
        assert server.asked[1].fields["cookie"] == "sid=1; own=2"

    play({"/in": Answer(200, (("set-cookie", "sid=1; Secure"),)), "/": PLAIN}, story)


def test_redirects_are_followed_on_the_same_connection(play: Play) -> None:
    async def story(server: Server, agent: Agent, network: Network) -> None:
        response = await agent.send(ask(server, "/from", "POST", body=b"x"))
        assert (response.status, response.url) == (200, server.url + "/to")
        assert [asked.fields[":method"] for asked in server.asked] == ["POST", "GET"]
        assert (server.connections, network.wire.redirects) == (1, 1)

    play({"/from": Answer(302, (("location", "/to"),)), "/to": PLAIN}, story)


def test_a_redirect_away_from_tls_fails(play: Play) -> None:
    async def story(server: Server, agent: Agent, _network: Network) -> None:
        with pytest.raises(StepFailed) as failed:
            await agent.send(ask(server, "/"))
        assert (failed.value.kind, failed.value.detail) == ("redirect", "bad")
        assert "http2: true needs https" in failed.value.message

    play({"/": Answer(302, (("location", "http://127.0.0.1:1/"),))}, story)


def test_a_body_that_is_too_large_costs_only_its_stream(play: Play) -> None:
    async def story(server: Server, agent: Agent, _network: Network) -> None:
        with pytest.raises(StepFailed) as failed:
            await agent.send(ask(server, "/large"))
        assert failed.value.kind == "too_large"
        assert (await agent.send(ask(server, "/"))).status == 200
        assert server.connections == 1

    play({"/large": Answer(body=b"x" * 100_001), "/": PLAIN}, story, max_body=100_000)


def test_offered_and_demanded_share_a_connection(play: Play) -> None:
    async def story(server: Server, agent: Agent, _network: Network) -> None:
        for way in ("offered", "demanded", "offered"):
            assert (await agent.send(ask(server, "/", http2=way))).proto == "HTTP/2.0"
        assert server.connections == 1

    play({"/": PLAIN}, story)


def test_without_keepalive_each_request_has_its_connection(play: Play) -> None:
    async def story(server: Server, agent: Agent, _network: Network) -> None:
        for _ in range(2):
            await agent.send(ask(server, "/", headers=[("Connection", "close")]))
        assert server.connections == 2
        assert "connection" not in server.asked[0].fields

    play({"/": PLAIN}, story, keepalive=False)


def test_users_share_connections_under_a_limit(play: Play) -> None:
    async def story(server: Server, agent: Agent, network: Network) -> None:
        other = Agent(network)
        for _ in range(3):
            await asyncio.gather(*(one.send(ask(server, "/")) for one in (agent, other)))
        other.close()
        assert server.connections == network.wire.connections_opened == 1
        assert len(server.asked) == 6

    play({"/": PLAIN}, story, max_connections=1)


@pytest.mark.parametrize("protocols", [(), ("http/1.1",)])
def test_a_server_without_http2_is_asked_by_http_1_and_told_once(
    protocols: tuple[str, ...], ca: trustme.CA, authority: Path
) -> None:
    async def main() -> None:
        told: list[str] = []
        async with scripted({b"/": OK_1}, ssl=server_context(ca, *protocols)) as server:
            network = Network(HttpOptions(timeout=10, cacert=authority), told.append)
            agents = [Agent(network), Agent(network)]
            for agent in agents:
                request = Request("GET", URL(server.url + "/"), http2="offered")
                assert (await agent.send(request)).proto == "HTTP/1.1"
                assert (await agent.send(request)).proto == "HTTP/1.1"
                with pytest.raises(StepFailed) as failed:
                    await agent.send(Request("GET", URL(server.url + "/"), http2="demanded"))
                assert (failed.value.kind, failed.value.detail) == ("tls", "alpn")
                agent.close()
            await network.close()
            address = server.url.removeprefix("https://")
            assert told == [f"{address} does not offer HTTP/2: its requests go over HTTP/1.1"]
            assert len(server.asked) == network.wire.requests == 4

    asyncio.run(main())


def test_plain_http_is_not_asked_by_http2() -> None:
    with pytest.raises(StepFailed, match="http2: true needs https"):
        Request("GET", URL("http://127.0.0.1/"), http2="demanded")

    async def main() -> None:
        async with scripted({b"/": OK_1}) as server:
            network = Network(HttpOptions(timeout=10))
            agent = Agent(network)
            request = Request("GET", URL(server.url + "/"), http2="offered")
            assert (await agent.send(request)).proto == "HTTP/1.1"
            agent.close()
            await network.close()

    asyncio.run(main())
