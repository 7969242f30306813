"""This module holds requests, ready to write: constant ones are made once, others per attempt."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from msgspec import Struct
from yarl import URL

from ..errors import StepFailed
from .address import fit_host, without_user
from .cookies import Cookies, Pairs, cookie_line, merged
from .multipart import Multipart

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_FORBIDDEN = re.compile(r"[\r\n\0]")
OURS = frozenset({"content-length", "transfer-encoding"})
TELL_LENGTH = frozenset({"POST", "PUT", "PATCH"})

NEEDS_TLS = "http2: true needs https"

# Whether requests go over HTTP/2: never, if the server offers it, or not at all without it.
Http2 = Literal["no", "offered", "demanded"]


class Origin(Struct, frozen=True, eq=False):
    """The target of a connection, and the key under which a user keeps the connection.

    Origins are compared by identity, which is fast: make them with `origin_of`. `address` is the
    value of a Host header; `host` is the host that cookies belong to.
    """

    url: URL
    verify: bool
    address: str
    host: str
    is_secure: bool
    http2: Http2 = "no"

    @property
    def wants_http2(self) -> bool:
        """Whether a connection offers HTTP/2, which needs TLS."""
        return self.http2 != "no" and self.is_secure


@lru_cache(maxsize=4096)
def origin_of(scheme: str, host: str, port: int, verify: bool, http2: Http2 = "no") -> Origin:
    """Return the one Origin object for these parts; raises ValueError for an impossible host."""
    url = URL.build(scheme=scheme, host=fit_host(host), port=port)
    address = url.host_subcomponent if url.is_default_port() else url.host_port_subcomponent
    return Origin(url, verify, address or "", host.lower(), scheme == "https", http2)


class Request:
    """One request, ready to write.

    `head` ends before the Cookie line and the blank line, so that a user's cookies can be put
    in without touching the rest; `wire` is all of it for a user without cookies. A `form` is
    a body that is read from disk while it is sent; `wire` then holds the head only. One that
    `closes` says so in a header, and is the last one on its connection (RFC 9112, 9.6).
    """

    __slots__ = (
        "_headers",
        "_url",
        "body",
        "closes",
        "cookies",
        "follow",
        "form",
        "has_url_user",
        "head",
        "method",
        "origin",
        "path_qs",
        "proxied",
        "timeout",
        "wire",
    )

    def __init__(
        self,
        method: str,
        url: URL,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        *,
        cookies: Pairs = (),
        timeout: float | None = None,
        follow: bool = True,
        verify: bool = True,
        form: Multipart | None = None,
        proxied: bool = False,
        has_url_user: bool = False,
        http2: Http2 = "no",
    ) -> None:
        """Serialise the request; raises StepFailed (kind template) if it cannot be sent.

        `proxied` says that plain http goes to a proxy, which wants the whole URL (RFC 9112, 3.2.2);
        `has_url_user` that the Authorization comes from a URL, and not from the author.
        """
        self.method = method
        self._url: URL | str = url
        self._headers = tuple(headers)
        self.body = body
        self.cookies = cookies
        self.timeout = timeout
        self.follow = follow
        self.form = form
        self.proxied = proxied
        self.has_url_user = has_url_user
        self.origin = origin_at(url, verify, http2)
        self.path_qs = url.raw_path_qs
        self.head = self._head(form.length if form is not None else len(body))
        self.wire = self.head + b"\r\n" + body

    @property
    def url(self) -> URL:
        """The URL. A text of it is parsed when somebody asks: sending does not need it."""
        if isinstance(self._url, str):
            self._url = URL(self._url)
        return self._url

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        return self._headers

    def _head(self, length: int) -> bytes:
        """Return the head up to the blank line."""
        method, url, headers = self.method, self.url, self._headers
        pattern = _pattern_of(tuple([name for name, _ in headers]))
        values = [value for _, value in headers]
        self.closes = bool(pattern.connection) and _closes(headers, pattern.connection)
        if pattern.places is not None:
            values = [values[place] for place in pattern.places]
        names_all = self.proxied and url.scheme == "http"
        target = str(url.with_fragment(None)) if names_all else self.path_qs
        host = "" if pattern.has_host else f"Host: {self.origin.address}\r\n"
        text = f"{_checked(method)} {target} HTTP/1.1\r\n{host}{pattern.text % tuple(values)}"
        # One check of the whole text is enough: almost all requests pass it.
        if "\0" in text or not text.count("\r") == text.count("\n") == pattern.lines:
            unfit = [pair for pair in headers if _FORBIDDEN.search(pair[1])]
            raise StepFailed("template", f"line break or NUL in headers: {unfit}", "header")
        if length or method in TELL_LENGTH:
            text = f"{text}Content-Length: {length}\r\n"
        return encoded(text)

    def changed(
        self,
        *,
        method: str,
        url: URL,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        cookies: Pairs,
        form: Multipart | None,
        has_url_user: bool,
    ) -> Request:
        """Return another request that is sent the same way; raises StepFailed as a new one."""
        return Request(
            method,
            url,
            headers,
            body,
            cookies=cookies,
            timeout=self.timeout,
            follow=self.follow,
            verify=self.origin.verify,
            form=form,
            proxied=self.proxied,
            has_url_user=has_url_user,
            http2=self.origin.http2,
        )

    def with_header(self, name: str, value: str) -> Request:
        """Return the same request with this header added or replaced."""
        others = (pair for pair in self.headers if pair[0].lower() != name.lower())
        return self.changed(
            method=self.method,
            url=self.url,
            headers=(*others, (name, value)),
            body=self.body,
            cookies=self.cookies,
            form=self.form,
            has_url_user=self.has_url_user,
        )

    @property
    def path(self) -> str:
        """The path of the URL, as it is sent."""
        return self.path_qs.partition("?")[0]

    def cookies_from(self, jar: Cookies) -> Pairs:
        """Return the cookies to send for the user of the jar: theirs, and the request's own."""
        origin = self.origin
        held = jar.for_place(origin.host, self.path, origin.is_secure)
        return merged(held, self.cookies) if self.cookies else held

    def with_cookies(self, cookies: Pairs) -> bytes:
        """Return the bytes to write for a user with these cookies."""
        if not cookies:
            return self.wire
        line = cookie_line(cookies)
        if not line.isprintable() and _FORBIDDEN.search(line):
            raise StepFailed("template", "line break or NUL in a cookie", "cookie")
        data = line.encode() if line.isascii() else encoded(line, "surrogateescape")
        return b"".join((self.head, b"Cookie: ", data, b"\r\n\r\n", self.body))


def origin_at(url: URL, verify: bool, http2: Http2 = "no") -> Origin:
    """Return the target of the URL; raises StepFailed if it cannot be requested."""
    host, port = url.raw_host, url.port
    try:
        if url.scheme not in ("http", "https") or not host or not port:
            raise ValueError("no scheme, host and port of HTTP")
        if http2 == "demanded" and url.scheme == "http":
            raise ValueError(NEEDS_TLS)
        return origin_of(url.scheme, host, port, verify, http2)
    except ValueError as error:
        told = f"not a URL that can be requested: {without_user(str(url))!r} ({error})"
        raise StepFailed("template", told, "url") from error


class _Pattern(Struct, frozen=True):
    """The header lines of requests that differ only in the values.

    `places` are those of the values that go into `text`, None for all of them; `lines` are the
    lines of a head with it, the first and the one for the host included; `connection` are the
    places of Connection headers.
    """

    text: str
    places: tuple[int, ...] | None
    lines: int
    has_host: bool
    connection: tuple[int, ...]


@lru_cache(maxsize=4096)
def _pattern_of(names: tuple[str, ...]) -> _Pattern:
    """Make the lines for these headers; raises StepFailed for a name that no header can have."""
    for name in names:
        if not _TOKEN.match(name):
            raise StepFailed("template", f"{name!r} is not the name of a header", "header")
    lowered = [name.lower() for name in names]
    # We write the length: a wrong one would corrupt the connection.
    places = tuple(place for place, name in enumerate(lowered) if name not in OURS)
    lines = [f"{names[place]}: ".replace("%", "%%") + "%s\r\n" for place in places]
    has_host = "host" in lowered
    return _Pattern(
        "".join(lines),
        None if len(places) == len(names) else places,
        len(lines) + (1 if has_host else 2),
        has_host,
        tuple(place for place, name in enumerate(lowered) if name == "connection"),
    )


def _closes(headers: tuple[tuple[str, str], ...], places: tuple[int, ...]) -> bool:
    options = ",".join(headers[place][1] for place in places).lower().split(",")
    return "close" in [option.strip() for option in options]


@lru_cache(maxsize=256)
def _checked(method: str) -> str:
    """Return the method; raises StepFailed if it cannot be one."""
    if not _TOKEN.match(method):
        raise StepFailed("template", f"not an HTTP method: {method!r}", "method")
    return method


def encoded(text: str, errors: str = "strict") -> bytes:
    """Return the text as UTF-8; raises StepFailed (kind template) for a lone surrogate.

    With `surrogateescape` a server gets its own bytes back.
    """
    try:
        return text.encode("utf-8", errors)
    except UnicodeEncodeError as error:
        raise StepFailed("template", f"text that cannot be encoded: {error}", "encoding") from error
