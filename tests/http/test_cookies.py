"""Which cookies go with which request, after a response has set them."""

from __future__ import annotations

import pytest
from boomtalk.engine.http.cookies import Cookies
from yarl import URL

SHOP = "http://shop.example/app/cart/view"


def sent(lines: list[str], to: str, by: str = SHOP) -> dict[str, str]:
    cookies = Cookies()
    cookies.keep(lines, URL(by))
    return cookies.for_url(URL(to))


@pytest.mark.parametrize(
    ("line", "to", "goes"),
    [
        ("a=1; Path=/", "http://shop.example/", True),
        ("a=1; Path=/", "http://shop.example:81/x", True),
        ("a=1; Path=/", "http://other.example/", False),
        ("a=1; Path=/", "http://sub.shop.example/", False),
        # Without a path, the folder of the one that set it.
        ("a=1", "http://shop.example/app/cart", True),
        ("a=1", "http://shop.example/app/cart/x", True),
        ("a=1", "http://shop.example/app/cartoon", False),
        ("a=1", "http://shop.example/app", False),
        ("a=1; Path=relative", "http://shop.example/app/cart/x", True),
        ("a=1; Path=/app/", "http://shop.example/app/x", True),
        ("a=1; Path=/app/", "http://shop.example/app", False),
        # A domain is that of the host or above it, and means its subdomains too.
        ("a=1; Path=/; Domain=shop.example", "http://sub.shop.example/", True),
        ("a=1; Path=/; Domain=.Shop.Example", "http://shop.example/", True),
        ("a=1; Path=/; Domain=example", "http://other.example/", True),
        ("a=1; Path=/; Domain=other.example", "http://other.example/", False),
        ("a=1; Path=/; Domain=op.example", "http://shop.example/", False),
        ("a=1; Path=/; Domain=", "http://shop.example/", True),
        # What is secure goes over TLS only, whoever set it.
        ("a=1; Path=/; Secure", "http://shop.example/", False),
        ("a=1; Path=/; SECURE; HttpOnly; SameSite=Lax", "https://shop.example/", True),
        # An end in the past is none at all; Max-Age beats Expires.
        ("a=1; Path=/; Max-Age=0", "http://shop.example/", False),
        ("a=1; Path=/; Max-Age=-1", "http://shop.example/", False),
        ("a=1; Path=/; Max-Age=60", "http://shop.example/", True),
        ("a=1; Path=/; Max-Age=soon", "http://shop.example/", True),
        ("a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://shop.example/", False),
        ("a=1; Path=/; Expires=Thu, 01-Jan-1970 00:00:00 GMT", "http://shop.example/", False),
        ("a=1; Path=/; Expires=Fri, 01 Jan 2106 00:00:00 GMT", "http://shop.example/", True),
        ("a=1; Path=/; Expires=tomorrow", "http://shop.example/", True),
        (
            "a=1; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "http://shop.example/",
            True,
        ),
        # What is no cookie is ignored.
        ("a", "http://shop.example/app/cart/x", False),
        ("=1", "http://shop.example/app/cart/x", False),
        ("", "http://shop.example/app/cart/x", False),
        ("a=1\x07", "http://shop.example/app/cart/x", False),
        ("a=" + "x" * 5000, "http://shop.example/app/cart/x", False),
    ],
)
def test_a_cookie_goes_where_it_belongs(line: str, to: str, goes: bool) -> None:
    assert list(sent([line], to)) == (["a"] if goes else [])


@pytest.mark.parametrize(
    ("line", "domain", "goes"),
    [
        ("a=1; Path=/", "127.0.0.1", True),
        ("a=1; Path=/; Domain=127.0.0.1", "127.0.0.1", True),
        ("a=1; Path=/; Domain=0.0.1", "127.0.0.1", False),
        ("a=1; Path=/; Domain=localhost", "localhost", True),
    ],
)
def test_a_target_without_a_name_has_cookies_too(line: str, domain: str, goes: bool) -> None:
    assert bool(sent([line], f"http://{domain}:8000/", by=f"http://{domain}:8000/")) is goes


def test_values_go_back_as_they_came() -> None:
    lines = ['a="x y"; Path=/', "b= padded ; Path=/", "c=1=2; Path=/", "d=; Path=/"]

    found = sent(lines, "http://shop.example/")

    assert found == {"a": '"x y"', "b": "padded", "c": "1=2", "d": ""}


def test_a_later_cookie_takes_the_place_of_one_with_its_name_domain_and_path() -> None:
    cookies = Cookies()
    cookies.keep(["a=1; Path=/", "b=1; Path=/"], URL(SHOP))
    cookies.keep(["a=2; Path=/", "b=; Path=/; Max-Age=0"], URL(SHOP))

    assert cookies.for_url(URL("http://shop.example/")) == {"a": "2"}


def test_of_two_with_one_name_the_longer_path_wins() -> None:
    lines = ["a=short; Path=/", "a=long; Path=/app"]

    assert sent(lines, "http://shop.example/app/x") == {"a": "long"}
    assert sent(lines, "http://shop.example/") == {"a": "short"}


def test_a_cookie_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    cookies = Cookies()
    cookies.keep(["a=1; Path=/; Max-Age=60"], URL(SHOP))
    now = [0.0]
    import boomtalk.engine.http.cookies as module

    real = module.time.time()
    monkeypatch.setattr(module.time, "time", lambda: real + now[0])
    assert cookies.for_url(URL("http://shop.example/"))

    now[0] = 61

    assert not cookies.for_url(URL("http://shop.example/"))


def test_a_target_cannot_fill_the_memory() -> None:
    cookies = Cookies()
    for number in range(1000):
        cookies.keep([f"n{number}=1; Path=/"], URL(SHOP))

    assert len(cookies.for_url(URL("http://shop.example/"))) == 300
