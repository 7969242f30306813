"""A request as bytes: made once where it is constant, once per attempt where it is not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from yarl import URL

from ..errors import StepFailed

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_FORBIDDEN = re.compile(r"[\r\n\0]")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a connection leads: it is the key under which a user keeps one open."""

    scheme: str
    host: str
    port: int
    verify: bool = True

    @property
    def url(self) -> URL:
        return URL.build(scheme=self.scheme, host=self.host, port=self.port)


@lru_cache(maxsize=4096)
def origin_of(scheme: str, host: str, port: int, verify: bool) -> Origin:
    """Return the one Origin object for these parts."""
    return Origin(scheme, host, port, verify)


class Request:
    """One request, ready to write.

    `head` ends before the Cookie line and the blank line, so that a user's cookies can be put
    in without touching the rest; `wire` is all of it for a user without cookies.
    """

    __slots__ = (
        "body",
        "cookies",
        "follow",
        "head",
        "headers",
        "method",
        "origin",
        "timeout",
        "url",
        "wire",
    )

    def __init__(
        self,
        method: str,
        url: URL,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        *,
        cookies: dict[str, str] | None = None,
        timeout: float | None = None,
        follow: bool = True,
        verify: bool = True,
    ) -> None:
        """Serialise the request; raises StepFailed (kind template) if it cannot be sent."""
        host = url.raw_host
        if url.scheme not in ("http", "https") or not host or not url.port:
            raise StepFailed("template", f"not a URL that can be requested: {str(url)!r}", "url")
        self.method = method
        self.url = url
        self.headers = tuple(headers)
        self.body = body
        self.cookies = cookies or {}
        self.timeout = timeout
        self.follow = follow
        self.origin = origin_of(url.scheme, host, url.port, verify)
        self.head = _head(method, url, self.headers, body)
        self.wire = self.head + b"\r\n" + body

    def with_cookies(self, cookies: dict[str, str]) -> bytes:
        """Return the bytes to write for a user who holds these cookies."""
        if not cookies:
            return self.wire
        line = "; ".join(f"{name}={value}" for name, value in cookies.items())
        if _FORBIDDEN.search(line):
            raise StepFailed("template", "line break or NUL in a cookie", "cookie")
        return b"%bCookie: %b\r\n\r\n%b" % (self.head, _encode(line), self.body)


def _head(method: str, url: URL, headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    if not _TOKEN.match(method):
        raise StepFailed("template", f"not an HTTP method: {method!r}", "method")
    lines = [f"{method} {url.raw_path_qs} HTTP/1.1"]
    given = set()
    for name, value in headers:
        if not _TOKEN.match(name) or _FORBIDDEN.search(value):
            raise StepFailed("template", f"header {name!r} cannot be sent: {value!r}", "header")
        lowered = name.lower()
        # The length is ours to tell: a wrong one would corrupt the connection.
        if lowered in ("content-length", "transfer-encoding"):
            continue
        given.add(lowered)
        lines.append(f"{name}: {value}")
    if "host" not in given:
        lines.insert(
            1, f"Host: {url.host_port_subcomponent if _odd_port(url) else url.host_subcomponent}"
        )
    if body or method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {len(body)}")
    return _encode("\r\n".join(lines)) + b"\r\n"


def _odd_port(url: URL) -> bool:
    return not url.is_default_port()


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise StepFailed("template", f"text that cannot be encoded: {error}", "encoding") from error
