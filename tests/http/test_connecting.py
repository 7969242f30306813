"""Test the timeout of a TLS handshake, and that invalid hosts are refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from boomtalk.engine.errors import StepFailed
from boomtalk.engine.http.agent import Agent
from boomtalk.engine.http.network import Network
from boomtalk.engine.http.options import HttpOptions
from boomtalk.engine.http.request import Request
from yarl import URL


@asynccontextmanager
async def silent_server(first_word: bytes = b"") -> AsyncIterator[int]:
    """Take connections, say one thing (a proxy's yes), and never a word again."""
    is_over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if first_word:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(first_word)
        await is_over.wait()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        is_over.set()
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("is_proxied", [False, True])
def test_a_handshake_that_stalls_is_given_up_when_the_timeout_says_so(
    is_proxied: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # asyncio's own limit of 60 s, made shorter than ours.
    monkeypatch.setattr(asyncio.constants, "SSL_HANDSHAKE_TIMEOUT", 0.05)  # type: ignore[attr-defined]

    async def main() -> StepFailed:
        async with silent_server(b"HTTP/1.1 200 OK\r\n\r\n" if is_proxied else b"") as port:
            url = f"127.0.0.1:{port}"
            proxy = f"http://{url}" if is_proxied else None
            network = Network(HttpOptions(timeout=0.5, proxy=proxy))
            agent = Agent(network)
            with pytest.raises(StepFailed) as caught:
                await agent.send(Request("GET", URL(f"https://{url}/")))
            agent.close()
            await network.close()
            return caught.value

    failure = asyncio.run(main())
    assert (failure.kind, failure.detail) == ("timeout", "connect")


@pytest.mark.parametrize(
    "host",
    [
        "my host",
        "a<b",
        "a..b",
        "-" * 64,
        "%41",
        "256.1.1.1",
        "1.2.3.4.5",
        "[::1.2.3.4x]",
        "a" * 254,
    ],
)
def test_a_host_that_cannot_be_one_is_not_connected_to(host: str) -> None:
    with pytest.raises(StepFailed) as caught:
        Request("GET", URL(f"http://{host}/"))
    assert (caught.value.kind, caught.value.detail) == ("template", "url")


@pytest.mark.parametrize(
    "host", ["localhost", "a_b", "x.", "1.2.3.4", "[::1]", "[fe80::1%25lo]", "xn--a"]
)
def test_any_other_host_is(host: str) -> None:
    assert Request("GET", URL(f"http://{host}:8080/")).origin.url.port == 8080


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1"])
def test_an_address_may_be_written_in_an_old_form(host: str) -> None:
    assert b"Host: 127.0.0.1:8080\r\n" in Request("GET", URL(f"http://{host}:8080/")).head
