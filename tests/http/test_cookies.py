"""Test which cookies are sent with which request, after responses have set them."""

from __future__ import annotations

import time

import pytest
from boomtalk.engine.http.cookie_date import seconds_of
from boomtalk.engine.http.cookies import Cookies, Pairs, merged
from boomtalk.engine.http.request import Request
from yarl import URL

SHOP = "http://shop.example/app/cart/view"
HERE = URL("http://shop.example/")


def keep(cookies: Cookies, lines: list[str], url: URL) -> None:
    """Keep the lines as a user does who has sent a request to this URL."""
    request = Request("GET", url)
    cookies.keep(lines, request.origin.host, request.path)


def sent(lines: list[str], to: str, by: str = SHOP) -> Pairs:
    cookies = Cookies()
    keep(cookies, lines, URL(by))
    return cookies.for_url(URL(to))


@pytest.mark.parametrize(
    ("line", "to", "goes"),
    [
        ("a=1; Path=/", "http://shop.example/", True),
        ("a=1; Path=/", "http://shop.example:81/x", True),
        ("a=1; Path=/", "http://other.example/", False),
        ("a=1; Path=/", "http://sub.shop.example/", False),
        # Without a path, a cookie is for the folder of the URL that set it.
        ("a=1", "http://shop.example/app/cart", True),
        ("a=1", "http://shop.example/app/cart/x", True),
        ("a=1", "http://shop.example/app/cartoon", False),
        ("a=1", "http://shop.example/app", False),
        ("a=1; Path=relative", "http://shop.example/app/cart/x", True),
        ("a=1; Path=/app/", "http://shop.example/app/x", True),
        ("a=1; Path=/app/", "http://shop.example/app", False),
        # A domain is the host's or one above it, and includes its subdomains.
        ("a=1; Path=/; Domain=shop.example", "http://sub.shop.example/", True),
        ("a=1; Path=/; Domain=.Shop.Example", "http://shop.example/", True),
        # A cookie for a top-level domain is rejected (RFC 6265, 5.3), as in curl.
        ("a=1; Path=/; Domain=example", "http://other.example/", False),
        ("a=1; Path=/; Domain=.example", "http://shop.example/", False),
        # An attribute without a value does not count (RFC 6265, 5.2.3).
        ("a=1; Path=/; Domain=other.example; Domain=", "http://shop.example/", False),
        ("a=1; Path=/; Domain=other.example", "http://other.example/", False),
        ("a=1; Path=/; Domain=op.example", "http://shop.example/", False),
        ("a=1; Path=/; Domain=", "http://shop.example/", True),
        # Secure cookies are sent over TLS only, whoever set them.
        ("a=1; Path=/; Secure", "http://shop.example/", False),
        ("a=1; Path=/; SECURE; HttpOnly; SameSite=Lax", "https://shop.example/", True),
        ("a=1; Path=/; Secure", "wss://shop.example/", True),
        # A cookie that has expired is removed; Max-Age overrides Expires.
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
        # Invalid cookies are ignored.
        ("a", "http://shop.example/app/cart/x", False),
        ("=1", "http://shop.example/app/cart/x", False),
        ("", "http://shop.example/app/cart/x", False),
        ("a=1\x07", "http://shop.example/app/cart/x", False),
        ("a=" + "x" * 5000, "http://shop.example/app/cart/x", False),
    ],
)
def test_a_cookie_goes_where_it_belongs(line: str, to: str, goes: bool) -> None:
    assert [name for name, _ in sent([line], to)] == (["a"] if goes else [])


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

    assert found == (("a", '"x y"'), ("b", "padded"), ("c", "1=2"), ("d", ""))


def test_a_later_cookie_takes_the_place_of_one_with_its_name_domain_and_path() -> None:
    cookies = Cookies()
    keep(cookies, ["a=1; Path=/", "b=1; Path=/"], URL(SHOP))
    keep(cookies, ["a=2; Path=/", "b=; Path=/; Max-Age=0"], URL(SHOP))

    assert cookies.for_url(URL("http://shop.example/")) == (("a", "2"),)


def test_all_with_one_name_go_the_longest_path_first_and_then_the_oldest() -> None:
    """RFC 6265, 5.4."""
    lines = [
        "a=short; Path=/",
        "b=1; Path=/app",
        "a=long; Path=/app",
        "a=all; Path=/app; Domain=shop.example",
        "b=2; Path=/app",
    ]

    assert sent(lines, "http://shop.example/app/x") == (
        ("b", "2"),
        ("a", "long"),
        ("a", "all"),
        ("a", "short"),
    )
    assert sent(lines, "http://shop.example/") == (("a", "short"),)


def test_what_a_request_brings_along_wins_by_name() -> None:
    held = (("a", "long"), ("b", "1"), ("a", "short"))

    assert merged(held, (("a", "own"), ("c", "2"))) == (("b", "1"), ("a", "own"), ("c", "2"))
    assert merged((), held) == merged(held, ()) == held


@pytest.mark.parametrize(
    ("line", "is_kept"),
    [
        # A TAB is a blank here, and no control character (RFC 6265bis, 5.6).
        ("a\t=\t1\t;\tPath\t=\t/", True),
        ("a=1\x01; Path=/", False),
        ("a=1; Path=/\x7f", False),
        # As much counts as name and value have (RFC 6265bis, 5.6).
        ("a=" + "x" * 4095 + "; Path=/; HttpOnly; SameSite=Lax; X=" + "y" * 1000, True),
        ("a=" + "x" * 4096 + "; Path=/", False),
        ("a=" + "\u00e9" * 2048 + "; Path=/", False),
        ("a=1; Path=/; Domain=" + "x" * 1025, True),
        # RFC 6265, 5.2.2: digits, with a minus at most; the number may be of any size.
        ("a=1; Path=/; Max-Age=" + "9" * 5000, True),
        ("a=1; Path=/; Max-Age=-" + "9" * 400, False),
        ("a=1; Path=/; Max-Age=000", False),
        ("a=1; Path=/; Max-Age=-0", False),
        ("a=1; Path=/; Max-Age=0; Max-Age=never", False),
        ("a=1; Path=/; Max-Age=+0", True),
        ("a=1; Path=/; Max-Age=0_0", True),
        ("a=1; Path=/; Max-Age=\u0660", True),
        ("a=1; Path=/; Max-Age=0.5", True),
        ("a=1; Path=/; Max-Age", True),
        ("a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00; Expires=soon", False),
    ],
)
def test_a_line_is_read_as_browsers_read_it(line: str, is_kept: bool) -> None:
    assert bool(sent([line], "http://shop.example/")) is is_kept


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        # RFC 6265, 5.1.1: no zone, any order and any delimiters
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1445412480),
        ("Wed, 21 Oct 2015 07:28:00", 1445412480),
        ("Wednesday, 21-Oct-15 07:28:00 GMT", 1445412480),
        ("Wed Oct 21 07:28:00 2015", 1445412480),
        ("07:28:00 2015 21 october", 1445412480),
        ("21/Oct/2015:07:28:00 +0200", None),
        ("21/OCTOPUS/2015 07:28:00 +0200", 1445412480),
        ("7:28:0 21 Oct 2015", 1445412480),
        ("21 Oct 2015 07:28:00pm", 1445412480),
        ("21th Oct 2015 07:28:00", 1445412480),
        ("01 Jan 69 00:00:00", 3124224000),
        ("01 Jan 70 00:00:00", 0),
        ("01 Jan 1601 00:00:00", -11644473600),
        ("31 Dec 9999 23:59:59", 253402300799),
        ("29 Feb 2024 00:00:00", 1709164800),
        ("29 Feb 2023 00:00:00", None),
        ("31 Dec 1600 00:00:00", None),
        ("32 Oct 2015 07:28:00", None),
        ("21 Oct 2015 24:28:00", None),
        ("21 Oct 2015 07:60:00", None),
        ("21 Oct 2015 07:28:60", None),
        ("21 Oct 2015 07:28", None),
        ("21 Okt 2015 07:28:00", None),
        ("21 Oct 07:28:00", None),
        ("21 Oct 20155 07:28:00", None),
        ("21 Oct 2015 07:28:000", None),
        ("\u0662\u0661 Oct 2015 07:28:00", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_dates_are_read_in_any_form(text: str, moment: int | None) -> None:
    assert seconds_of(text) == moment


def test_a_cookie_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    cookies = Cookies()
    keep(cookies, ["a=1; Path=/; Max-Age=60"], URL(SHOP))
    now = [0.0]
    import boomtalk.engine.http.cookies as module

    real = module.time.time()
    monkeypatch.setattr(module.time, "time", lambda: real + now[0])
    assert cookies.for_url(URL("http://shop.example/"))

    now[0] = 61

    assert not cookies.for_url(URL("http://shop.example/"))


def test_a_full_jar_takes_the_newest_in_place_of_the_oldest() -> None:
    cookies = Cookies()
    for number in range(1000):
        keep(
            cookies, [f"n{number}=1; Path=/", "n0=again; Path=/"][: 2 if number < 200 else 1], HERE
        )

    names = [name for name, _ in cookies.for_url(HERE)]
    assert names == [f"n{number}" for number in range(700, 1000)]


def test_expired_ones_make_room_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 6265, 5.3."""
    cookies = Cookies()
    keep(cookies, ["old=1; Path=/"], HERE)
    keep(cookies, [f"n{number}=1; Path=/; Max-Age=1" for number in range(299)], HERE)
    later = time.time() + 2
    monkeypatch.setattr(time, "time", lambda: later)
    keep(cookies, ["new=1; Path=/"], HERE)

    assert cookies.for_url(HERE) == (("old", "1"), ("new", "1"))
