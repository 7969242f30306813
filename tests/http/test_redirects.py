"""Test the target of a redirect, and the headers, cookies and body that are sent to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from boomtalk.engine.errors import StepFailed
from boomtalk.engine.http.agent import Agent
from boomtalk.engine.http.head import Head
from boomtalk.engine.http.network import Network
from boomtalk.engine.http.redirects import follow
from boomtalk.engine.http.request import Request
from boomtalk.engine.http.response import Response
from yarl import URL

from .conftest import get
from .scripted_server import OK, ScriptedServer


def redirect(code: int, location: bytes) -> bytes:
    return b"HTTP/1.1 %d Moved\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % (code, location)


@pytest.mark.parametrize(
    ("code", "method", "arrives"),
    [
        (301, "POST", (b"GET", b"")),
        (302, "POST", (b"GET", b"")),
        (303, "PUT", (b"GET", b"")),
        (303, "HEAD", (b"HEAD", b"")),
        (307, "POST", (b"POST", b"{}")),
        (308, "PUT", (b"PUT", b"{}")),
    ],
)
def test_a_redirect_keeps_or_drops_method_and_body(
    code: int, method: str, arrives: tuple[bytes, bytes], play: Callable[..., None]
) -> None:
    async def story(server: ScriptedServer, agent: Agent, network: Network) -> None:
        body = b"" if method == "HEAD" else b"{}"
        request = Request(
            method, URL(server.url + "/from"), [("Content-Type", "application/json")], body
        )
        assert (await agent.send(request)).status == 200
        last = server.asked[-1]
        assert (last.line.split(b" ")[0], last.body) == arrives
        assert (last.header(b"content-type") is not None) == bool(arrives[1])
        assert network.wire.redirects == 1
        assert network.wire.requests == len(server.asked) == 2

    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    play({b"/from": redirect(code, b"to?x=1"), b"/to?x=1": answer}, story)


@pytest.mark.parametrize(
    ("location", "detail", "hops"),
    [(b"/loop", "loop", 11), (b"file:///etc/passwd", "bad", 1), (b"http://[", "bad", 1)],
)
def test_a_redirect_to_nowhere_is_named(
    location: bytes, detail: str, hops: int, play: Callable[..., None]
) -> None:
    async def story(server: ScriptedServer, agent: Agent, network: Network) -> None:
        with pytest.raises(StepFailed) as caught:
            await agent.send(get(server, "/loop"))
        assert (caught.value.kind, caught.value.detail) == ("redirect", detail)
        assert network.wire.requests == len(server.asked) == hops

    play({b"/loop": redirect(302, location)}, story)


def test_redirects_are_results_where_they_are_not_followed(play: Callable[..., None]) -> None:
    async def story(server: ScriptedServer, agent: Agent, _network: Network) -> None:
        assert (await agent.send(get(server, "/from", follow=False))).status == 302
        assert (await agent.send(get(server, "/nowhere"))).status == 302

    script = {
        b"/from": redirect(302, b"/to"),
        b"/nowhere": b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
    }
    play(script, story)


def test_another_host_gets_no_secrets(play: Callable[..., None]) -> None:
    async def story(server: ScriptedServer, agent: Agent, _network: Network) -> None:
        other = server.url.replace("127.0.0.1", "localhost").encode()
        server.script[b"/away"] = redirect(302, other + b"/to")
        server.script[b"/near"] = redirect(302, b"/to")
        secrets = [("Authorization", "Bearer x"), ("X-Kept", "1")]
        for path in ("/near", "/away"):
            url = URL(server.url + path)
            await agent.send(Request("GET", url, secrets, cookies=(("own", "1"),)))
        near, away = (asked for asked in server.asked if asked.line.startswith(b"GET /to"))
        assert near.header(b"authorization") == b"Bearer x"
        assert near.header(b"cookie") == b"own=1"
        assert away.header(b"authorization") is None
        assert away.header(b"cookie") is None
        assert away.header(b"x-kept") == b"1"

    play({b"/to": OK}, story)


HERE = "http://shop.example/app/cart?page=2"


def hop(location: bytes, request: Request | None = None, *cookies: bytes) -> Request:
    """Return the request that follows a redirect to this Location."""
    names = [b"Location", *[b"Set-Cookie"] * len(cookies)]
    response = Response(Head(302, "1.1", b"Found", names, [location, *cookies]), b"")
    found = follow(request or Request("GET", URL(HERE)), response)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("location", "target"),
    [
        # RFC 3986, 5.2: every kind of reference
        (b"/to", "/to"),
        (b"to", "/app/to"),
        (b"./a/../b", "/app/b"),
        (b"../../x", "/x"),
        (b"?page=3", "/app/cart?page=3"),
        (b"?", "/app/cart"),
        (b"#top", "/app/cart?page=2"),
        (b"/to?a=1#part?x", "/to?a=1"),
        (b"//shop.example/to", "/to"),
        (b"http://shop.example", "/"),
        (b"http:/shop.example/to", "/to"),
        (b"http:///shop.example/to", "/to"),
        (b"HTTP://SHOP.example:80?x", "/?x"),
        # curl, lib/urlapi.c: blanks and non-ASCII bytes are escaped, even next to escapes
        (b"/p q%2Fx?name=J Doe", "/p%20q%2Fx?name=J%20Doe"),
        ("/\u00e9%20x".encode(), "/%C3%A9%20x"),
        (b"/page/\xba\xc3", "/page/%BA%C3"),
        (b"/caf\xe9?q=\xfc", "/caf%E9?q=%FC"),
        (b"/a\tb?c\x7f", "/a%09b?c%7F"),
        # and all the rest stays as it is
        (b"/%zz%?q=100%&r=%2f%2F", "/%zz%?q=100%&r=%2f%2F"),
        (b"/a+b?c+d=e%20f", "/a+b?c+d=e%20f"),
        (b"/a|b;c=1/{d}?x[]=y&z='1'", "/a|b;c=1/{d}?x[]=y&z='1'"),
        (b"/a//b", "/a//b"),
        (b"/%41?%41=%7E", "/%41?%41=%7E"),
        (b"/x?to=http://other.example/?y", "/x?to=http://other.example/?y"),
    ],
)
def test_a_location_is_sent_as_curl_sends_it(location: bytes, target: str) -> None:
    request = hop(location)

    assert request.wire.partition(b" HTTP/1.1\r\n")[0].decode() == f"GET {target}"
    assert b"\r\nHost: shop.example\r\n" in request.wire


def test_a_host_beyond_ascii_is_written_in_ascii() -> None:
    wire = hop("http://b\u00fccher.example/\u00e9".encode()).wire

    assert wire.startswith(b"GET /%C3%A9 HTTP/1.1\r\nHost: xn--bcher-kva.example\r\n")


@pytest.mark.parametrize(
    "location",
    [
        b"http://my host/x",
        b"http://a..b/x",
        b"http://" + b"a" * 64 + b".example/",
        b"http://caf\xe9.example/",
        b"http://a<b/",
        b"http://%41/",
        b"http://256.1.1.1/",
        b"http://[::1.2.3.4x]/",
        b"http://[::1/",
        b"http://host:0/",
        b"http://host:65536/",
        b"http://host:8_0/",
        b"http://host:-1/",
        b"http://host: 80/",
        b"http://:80/",
        b"http://user@/x",
        b"http://][@",
        b"//",
        b"file:///etc/passwd",
        b"mailto:me@shop.example",
        b"javascript:alert(1)",
        b"ws://shop.example/",
    ],
)
def test_a_location_that_leads_nowhere_is_a_bad_redirect(location: bytes) -> None:
    with pytest.raises(StepFailed) as caught:
        hop(location)
    assert (caught.value.kind, caught.value.detail) == ("redirect", "bad")


def authorization(request: Request) -> str | None:
    return {name.lower(): value for name, value in request.headers}.get("authorization")


def test_the_user_of_a_location_is_let_in() -> None:
    """RFC 7617; curl and Go's client send it, and a header of one's own wins."""
    url = b"http://u%40x:p%3Aw@shop.example/secret"
    plain = hop(url)
    assert authorization(plain) == "Basic dUB4OnA6dw=="
    assert str(plain.url) == "http://shop.example/secret"

    own = Request("GET", URL(HERE), [("authorization", "Bearer x")])
    assert authorization(hop(url, own)) == "Bearer x"
    # The step's own Authorization is not sent to another host.
    assert authorization(hop(b"http://u:p@other.example/", own)) == "Basic dTpw"
    assert authorization(hop(b"/next", plain)) == "Basic dUB4OnA6dw=="
    assert authorization(hop(b"http://u:p@shop.example/", plain)) == "Basic dTpw"
    assert authorization(hop(b"http://other.example/", plain)) is None


def test_a_password_is_not_told_in_a_failure() -> None:
    with pytest.raises(StepFailed) as caught:
        hop(b"http://user:sec ret@my host/x")
    assert "ret" not in caught.value.message.replace("redirected", "")


def test_what_a_hop_sets_or_deletes_wins_over_the_cookies_of_the_step() -> None:
    """Go's client does so for all hops behind it; what is not touched stays."""
    step = Request("GET", URL(HERE), cookies=(("sid", "old"), ("a", "1")))

    assert hop(b"/x", step).cookies == (("sid", "old"), ("a", "1"))
    assert hop(b"/x", step, b"sid=new; Path=/").cookies == (("a", "1"),)
    assert hop(b"/x", step, b"sid=; Max-Age=0", b"b=2").cookies == (("a", "1"),)
    assert hop(b"/x", step, b"A=2").cookies == (("sid", "old"), ("a", "1"))


def test_the_next_step_has_its_own_cookies_again(play: Callable[..., None]) -> None:
    login = b"HTTP/1.1 302 Found\r\nLocation: /home\r\nSet-Cookie: sid=new; Path=/\r\n"
    logout = login.replace(b"sid=new; Path=/", b"sid=; Path=/; Max-Age=0")
    empty = b"Content-Length: 0\r\n\r\n"

    async def story(server: ScriptedServer, agent: Agent, network: Network) -> None:
        own = (("sid", "old"), ("a", "1"))
        for path in ("/login", "/logout", "/home"):
            await agent.send(get(server, path, cookies=own))
        sent = [asked.header(b"cookie") for asked in server.asked]
        assert sent == [
            b"sid=old; a=1",
            b"sid=new; a=1",
            b"sid=old; a=1",
            b"a=1",
            b"sid=old; a=1",
        ]

    play({b"/login": login + empty, b"/logout": logout + empty, b"/home": OK}, story)
