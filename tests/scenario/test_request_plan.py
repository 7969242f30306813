"""Test that the fast way to a request and the general one make the same request, or failure."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from boomtalk.engine.case.model import Config, RequestStep, Written
from boomtalk.engine.errors import Place, StepFailed
from boomtalk.engine.http.cookies import Cookies
from boomtalk.engine.http.options import HttpOptions
from boomtalk.engine.http.request import Request
from boomtalk.engine.request.pattern import PatternRequest
from boomtalk.engine.scenario.context import CompileContext
from boomtalk.engine.scenario.request_builder import RequestTemplate
from boomtalk.engine.scenario.static_scope import StaticScope
from boomtalk.engine.settings import RunSettings
from boomtalk.engine.values.builtins import Form
from boomtalk.engine.values.functions import Functions

from tests.support.odd_values import SMALL

PLACE = Place("case.yml", 7, "login", "request")
BASES = [
    *("http://h", "http://h/", "http://h:80", "https://h:8443/abc/", "http://H/a/../b?x=1#y"),
    *("http://amy:p@h/", "http://@h", "http://127.1:81", "http://[::1]:82/%7Ea", "http://h//x"),
    *("", None, "h", "ws://h/", "http://h:0", "http://a b/", "http://h/.x", 5, "http://h\r\n"),
]
URLS = [
    *("/", "/login", "login?a=1", "/item?id=$v", "/i/$v/x?w=$w&b=$v", "$v", "http://x$v/?$w"),
    *("$base_url/y/$v", "https://amy@h/$v", "/a//b", "/../$v", "?$v", "", "/x?", "/x?a=1&", "/é"),
    *("/x#$v", "/%41%2f?%zz", "//h/$v", "/.x", "/a/.$v", "http://h?/a/$v", "http://h#/$v"),
]
NAMES = [
    *("X-Token", "x-token", "X-50%s", "Cookie", "cookie", "Host", "Connection", "Content-Type"),
    *("Accept-Encoding", "accept", "User-Agent", "Content-Length", "Authorization", "no name", ""),
    *("X-$v", ":path", "Transfer-Encoding", "content-type"),
]
TEXTS = [
    *("$v", "a $w b", "50%", "%s", "sid=1; $v", "a=$v;b=$w", "close", "gzip, br, foo", "é$v", "\t"),
    *("text/plain", "application/x-www-form-urlencoded", "application/json", "a\r\nb: c", "\ud800"),
    *(5, None, True, 10**5000, ["$v"], {"a": "$v"}, "$form", "${md5($v)}"),
    *("constant", "${int($v)}", ["1", None], '{"a": 1}', b"\xff"),
]
METHODS = ["GET", "post", "PUT", "HEAD", "$v", "NO METHOD", "", 5]
ODD = [
    *("//", "..", "/./x", "a&b", "&", "?", "#", "%2f", "a b", "é", "\r\n", "\0", "\ud800", "a=b;c"),
    *("", "@", ":", "x@h", "http://other", "a\tb", "%s", 5, 1.5, None, [1, "2"], {"a": None}),
]


class Maker:
    """Makes templates and values by chance: most of them plain, and some parts odd."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def mostly(self, plain: Sequence[Any], odd: Sequence[Any]) -> Any:
        return self.chance.choice(odd if self.chance.random() < 0.06 else plain)

    def group(self, *names: Sequence[str]) -> dict[str, Any]:
        number = self.chance.randrange(4)
        return {self.mostly(*names): self.mostly(TEXTS[:6], TEXTS) for _ in range(number)}

    def template(self) -> dict[str, Any]:
        return {
            "method": self.mostly(METHODS[:4], METHODS),
            "url": self.mostly(URLS[:8], URLS),
            "params": self.group(["a", "b"], ["c d", "$v", "é", "x[]", ""]) if self.half() else {},
            "headers": self.group(NAMES[:6], NAMES),
            "cookies": self.group(["sid", "c"], ["c d", "é"]) if self.half() else {},
            "body_kind": self.chance.choice(["json", "data", "body"]),
            "body": self.chance.choice(TEXTS) if self.half() else None,
        }

    def half(self) -> bool:
        return self.chance.random() < 0.5

    def value(self) -> Any:
        if self.chance.random() < 0.8:
            return "".join(self.chance.choices("abcXYZ019-_.~", k=self.chance.randrange(1, 9)))
        return self.chance.choice(ODD + SMALL)

    def scope(self) -> dict[str, Any]:
        base = self.mostly(BASES[:4], BASES)
        form = Form({"a": self.value()}, "boundary")
        return {"v": self.value(), "w": self.value(), "base_url": base, "form": form}

    def options(self) -> HttpOptions:
        proxy = self.mostly([None], ["http://amy:p@proxy:3128"])
        return HttpOptions(compression=self.half(), keepalive=self.half(), proxy=proxy)


def template_of(
    written: Mapping[str, Any], http: HttpOptions | None = None, base_url: str | None = None
) -> RequestTemplate | None:
    def parts(value: Any) -> Any:
        return {name: Written(one, PLACE) for name, one in value.items()}

    single = {name: Written(written.get(name), PLACE) for name in ("method", "url")}
    grouped = {name: parts(written.get(name, {})) for name in ("params", "headers", "cookies")}
    has_body = written.get("body") is not None
    step = RequestStep(
        name=Written("login", PLACE),
        place=PLACE,
        body_kind=written.get("body_kind", "json") if has_body else "none",
        body=Written(written["body"], PLACE) if has_body else None,
        **single,
        **grouped,
    )
    config = Config(name=Written("case", PLACE), place=PLACE)
    context = CompileContext(RunSettings(http=http or HttpOptions(), base_url=base_url))
    scope = StaticScope(Functions(), is_open=True)
    return RequestTemplate.compile(step, config, context, scope)


def made(build: Callable[[Mapping[str, Any]], Request], scope: dict[str, Any]) -> dict[str, Any]:
    """Return all that can be seen of a request, or of the failure to make it."""
    try:
        request = build(scope)
    except StepFailed as failure:
        return {"kind": failure.kind, "detail": failure.detail, "message": failure.message}
    except Exception as error:
        return {"raised": repr(error)}
    slots = {*Request.__slots__} - {"_url", "_headers", "form"}
    seen: dict[str, Any] = {name: getattr(request, name) for name in slots}
    url = request.url
    jar = Cookies()
    jar.keep(["held=1", "sid=held; Path=/"], request.origin.host, request.path)
    seen |= {"headers": request.headers, "url": url, "form": str(request.form)}
    seen["class"] = type(request)
    seen["parts"] = (str(url), url.raw_path_qs, url.raw_host, url.port, url.origin())
    cookies = seen["sent"] = request.cookies_from(jar)
    try:
        seen["bytes"] = request.with_cookies(cookies)
    except StepFailed as failure:
        seen["bytes"] = failure.message
    return seen


@pytest.mark.parametrize("seed", range(3))
def test_both_ways_make_the_same_request(seed: int) -> None:
    maker = Maker(seed)
    joined = 0
    for _ in range(300):
        base_url = maker.mostly([None], ["http://fixed/x/", "http://amy@h", "no base"])
        template = template_of(written := maker.template(), maker.options(), base_url)
        for scope in [maker.scope() for _ in range(4 if template is not None else 0)]:
            assert template is not None
            request, expected = made(template.build, scope), made(template.build_any, scope)
            joined += request.get("class") is PatternRequest
            assert {**request, "class": None} == {**expected, "class": None}, (written, scope)
    assert joined > 200


@pytest.mark.parametrize("url", URLS)
def test_every_url_is_joined_alike(url: str) -> None:
    for params in ({}, {"a": "$w"}):
        template = template_of({"method": "GET", "url": url, "params": params})
        for value in [*ODD, "plain"] if template is not None else ():
            assert template is not None
            scope = {
                "v": value,
                "w": "plain" if "$v" in url else value,
                "base_url": "http://h/api/",
            }
            request, expected = made(template.build, scope), made(template.build_any, scope)
            assert {**request, "class": None} == {**expected, "class": None}, scope


@pytest.mark.parametrize(
    "written",
    [
        {"headers": {"X-Token": "$v", "Accept-Encoding": "gzip, foo"}},
        {"method": "post", "body": {"a": "$v"}, "headers": {"Content-Type": "text/plain"}},
        {"method": "post", "body": "a=$v", "body_kind": "data"},
        {"url": "http://other:81/x?v=$v", "cookies": {"a": "$v"}},
        {"params": {"a": "$v", "b": [1, "2"]}, "headers": {"cookie": "b=$v", "Host": "$v"}},
    ],
)
def test_a_plain_request_is_joined(written: dict[str, Any]) -> None:
    template = template_of({"method": "GET", "url": "/item/$v?w=$v", **written})
    assert template is not None
    scope = {"v": "a1-b_2", "base_url": "http://h/api"}
    request, expected = made(template.build, scope), made(template.build_any, scope)
    assert request.pop("class") is PatternRequest
    assert expected.pop("class") is Request
    assert request == expected
