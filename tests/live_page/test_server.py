"""Test who may see and control a live page, and that no viewer holds up the load."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from boomtalk.engine.errors import UsageError
from boomtalk.engine.export.address import Address
from boomtalk.engine.live_page.server import served

from .feeding import FedPage, events_of, fed_page

ERROR = {
    **dict(zip(("kind", "detail", "case", "step"), ("timeout", "", "c", "s"), strict=True)),
    **dict.fromkeys(("count", "first_at", "last_at"), 1),
}
Work = Callable[[FedPage, aiohttp.ClientSession], Awaitable[Any]]


def with_page(work: Work) -> Any:
    async def run() -> Any:
        async with fed_page() as page, aiohttp.ClientSession() as client:
            return await work(page, client)

    return asyncio.run(asyncio.wait_for(run(), 30))


def statuses(path: str, headers: dict[str, str], *, keyed: bool = True) -> dict[str, int]:
    """Return the status of the page, its events and its stop button for such a request."""

    async def work(page: FedPage, client: aiohttp.ClientSession) -> dict[str, int]:
        url = page.url if keyed else page.url.replace(urlsplit(page.url).path, path)
        found = {}
        for name, method in (("", "GET"), ("events", "GET"), ("stop", "POST")):
            async with client.request(method, url + name, headers=headers) as response:
                found[name] = response.status
        return {**found, "done": len(page.done)}

    result: dict[str, int] = with_page(work)
    return result


REFUSED = {"": 403, "events": 403, "stop": 403, "done": 0}
ANSWERED = {"": 200, "events": 200, "stop": 204, "done": 1}


@pytest.mark.parametrize("path", ["/", "/x/", "/%00/", "/\N{SNOWMAN}/", "//", "/favicon.ico/"])
def test_without_the_key_there_is_neither_page_nor_data_nor_control(path: str) -> None:
    assert statuses(path, {}, keyed=False) == REFUSED


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "shop.example"},
        {"Host": "127.0.0.1.shop.example:80"},
        {"Host": ""},
        {"Origin": "http://shop.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
def test_another_site_is_refused_even_with_the_key(headers: dict[str, str]) -> None:
    assert statuses("", headers) == REFUSED


@pytest.mark.parametrize("host", ["localhost:80", "[::1]:80", "127.0.0.1"])
def test_its_own_names_are_answered(host: str) -> None:
    assert statuses("", {"Host": host, "Origin": f"http://{host}"}) == ANSWERED


def test_a_key_is_new_for_each_page() -> None:
    async def work(page: FedPage, client: aiohttp.ClientSession) -> str:
        return urlsplit(page.url).path.strip("/")

    one, other = with_page(work), with_page(work)
    assert one != other
    assert len(one) == len(other) == 22  # 16 random bytes in base 64


def test_buttons_are_only_pressed_by_post_and_only_those_there_are() -> None:
    async def work(page: FedPage, client: aiohttp.ClientSession) -> list[int]:
        found = []
        for method, name in (("GET", "stop"), ("HEAD", "stop"), ("PUT", "stop"), ("POST", "x")):
            async with client.request(method, page.url + name) as response:
                found.append(response.status)
        assert page.done == []
        return found

    assert with_page(work) == [405, 405, 405, 404]


def test_nothing_is_kept_or_framed_and_only_this_server_is_asked() -> None:
    async def work(page: FedPage, client: aiohttp.ClientSession) -> None:
        for name in ("", "events", "none"):
            async with client.get(page.url + name) as response:
                assert response.headers["Cache-Control"] == "no-store"
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert response.headers["Referrer-Policy"] == "no-referrer"
        async with client.get(page.url) as response:
            policy = response.headers["Content-Security-Policy"]
            text = await response.text()
        assert policy.startswith("default-src 'none'; script-src 'sha256-")
        assert policy.endswith("; connect-src 'self'; frame-ancestors 'none'")
        assert "unsafe" not in policy
        assert policy.removesuffix("; frame-ancestors 'none'") in text

    with_page(work)


def test_a_late_comer_gets_all_so_far_and_then_what_the_others_get() -> None:
    async def work(page: FedPage, client: aiohttp.ClientSession) -> None:
        for _ in range(3):
            page.pass_second(failures=2)
        async with client.get(page.url + "events") as response:
            events = events_of(response)
            name, first = await anext(events)
            assert name == "begin"
            assert [one["at"] for one in first["slices"]] == [[1.0], [2.0], [3.0]]
            assert sum(one["ok"][0] for one in first["slices"]) == 9
            assert first["report"]["accounting"]["failed"] == 6
            assert first["page"]["headline"]["state"] == "open"
            page.pass_second()
            name, second = await anext(events)
            assert (name, len(second["slices"])) == ("second", 1)
            assert second["report"]["accounting"]["ok"] == 12
            # What has not changed is not sent again.
            assert not {"errors", "tool", "load"} & set(second["report"])
            page.feed.end(b"<p>whole</p>")
            assert await anext(events) == ("end", "<p>whole</p>")
            page.feed.close()
            assert [event async for event in events] == []

    with_page(work)


def test_what_a_server_says_is_data_and_never_an_event() -> None:
    async def work(page: FedPage, client: aiohttp.ClientSession) -> None:
        name = "a\n\nevent: end\ndata: 1\n\n\u202e\ud83d</script>"
        page.pass_second(errors=[dict(ERROR, message=name)])
        async with client.get(page.url + "events") as response:
            _, first = await anext(events_of(response))
        (error,) = first["report"]["errors"]
        assert error["message"] == name.replace("\u202e", "\\u202e").replace("\ud83d", "\\ud83d")
        assert first["slices"][0]["errors"] == [
            [["timeout", "", "c", "s", error["message"]], 1],
        ]
        assert first["page"]["error_keys"] == [["timeout", "", "c", "s", error["message"]]]

    with_page(work)


def test_a_viewer_who_does_not_read_is_dropped_and_the_others_see_every_second() -> None:
    async def work(page: FedPage, client: aiohttp.ClientSession) -> None:
        address = urlsplit(page.url)
        with closing(socket.socket()) as lazy:
            lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            lazy.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(lazy, (address.hostname, address.port))
            head = f"GET {address.path}events HTTP/1.1\r\nHost: localhost\r\n\r\n"
            await loop.sock_sendall(lazy, head.encode())
            assert (await loop.sock_recv(lazy, 15)) == b"HTTP/1.1 200 OK"
            async with client.get(page.url + "events") as response:
                events = events_of(response)
                for second in range(60):
                    page.pass_second(marks=[{"t": second, "what": "x" * 400_000}])
                    if second == 0:
                        assert (await anext(events))[0] == "begin"
                    name, _ = await anext(events)
                    assert name == "second"
            received = 0
            while data := await loop.sock_recv(lazy, 1 << 20):
                received += len(data)
            assert received < 50 * 400_000

    with_page(work)


def test_a_port_that_is_taken_is_bad_input() -> None:
    async def work(page: FedPage, client: aiohttp.ClientSession) -> str:
        port = urlsplit(page.url).port
        assert port is not None
        with pytest.raises(UsageError) as caught:
            async with served(Address("127.0.0.1", port), page.feed, {}):
                pass
        return str(caught.value)

    assert "--web cannot listen on 127.0.0.1:" in with_page(work)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("80", "http://127.0.0.1:80"),
        ("[::1]:80", "http://[::1]:80"),
        ("shop.example:80", "http://shop.example:80"),
        ("0.0.0.0:80", f"http://{socket.gethostname()}:80"),
        ("[::]:80", f"http://{socket.gethostname()}:80"),
    ],
)
def test_the_address_leads_to_the_page(text: str, url: str) -> None:
    address = Address.of(text)
    assert address.url(address.port) == url
    assert address.is_local == (text in ("80", "[::1]:80"))
