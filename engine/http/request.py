"""A request as bytes: made once where it is constant, once per attempt where it is not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from yarl import URL

from ..errors import StepFailed
from .multipart import Multipart

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_FORBIDDEN = re.compile(r"[\r\n\0]")


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """Where a connection leads: it is the key under which a user keeps one open.

    Found again by identity, which each request asks for: make them with `origin_of`.
    """

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
    in without touching the rest; `wire` is all of it for a user without cookies. A `form` is
    a body that is read from disk while it is sent; `wire` then holds the head only.
    """

    __slots__ = (
        "body",
        "cookies",
        "follow",
        "form",
        "head",
        "headers",
        "method",
        "origin",
        "proxied",
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
        form: Multipart | None = None,
        proxied: bool = False,
    ) -> None:
        """Serialise the request; raises StepFailed (kind template) if it cannot be sent.

        `proxied` says that plain http goes to a proxy, which wants the whole URL (RFC 9112, 3.2.2).
        """
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
        self.form = form
        self.proxied = proxied
        self.origin = origin_of(url.scheme, host, url.port, verify)
        target = str(url.with_fragment(None)) if self._names_all else url.raw_path_qs
        length = form.length if form is not None else len(body)
        self.head = _head(method, url, target, self.headers, length)
        self.wire = self.head + b"\r\n" + body

    @property
    def _names_all(self) -> bool:
        return self.proxied and self.url.scheme == "http"

    def changed(
        self,
        *,
        method: str,
        url: URL,
        headers: Iterable[tuple[str, str]],
        body: bytes,
        cookies: dict[str, str],
        form: Multipart | None,
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
        )

    def with_header(self, name: str, value: str) -> Request:
        """Return the same request with one header more, or another value of it."""
        others = (pair for pair in self.headers if pair[0].lower() != name.lower())
        return self.changed(
            method=self.method,
            url=self.url,
            headers=(*others, (name, value)),
            body=self.body,
            cookies=self.cookies,
            form=self.form,
        )

    def with_cookies(self, cookies: dict[str, str]) -> bytes:
        """Return the bytes to write for a user who holds these cookies."""
        if not cookies:
            return self.wire
        line = "; ".join(f"{name}={value}" for name, value in cookies.items())
        if _FORBIDDEN.search(line):
            raise StepFailed("template", "line break or NUL in a cookie", "cookie")
        return b"%bCookie: %b\r\n\r\n%b" % (self.head, _encode(line), self.body)


def _head(
    method: str, url: URL, target: str, headers: Iterable[tuple[str, str]], length: int
) -> bytes:
    if not _TOKEN.match(method):
        raise StepFailed("template", f"not an HTTP method: {method!r}", "method")
    lines = [f"{method} {target} HTTP/1.1"]
    has_host = False
    for name, value in headers:
        lowered = _lowered(name)
        has_host = has_host or lowered == "host"
        # The length is ours to tell: a wrong one would corrupt the connection.
        if lowered not in ("content-length", "transfer-encoding"):
            lines.append(f"{name}: {value}")
    if not has_host:
        lines.insert(
            1, f"Host: {url.host_port_subcomponent if _odd_port(url) else url.host_subcomponent}"
        )
    if length or method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {length}")
    text = "\r\n".join(lines)
    # One look at all of it: most of what is sent is fit, and every request comes by here.
    if "\0" in text or not text.count("\r") == text.count("\n") == len(lines) - 1:
        unfit = [pair for pair in headers if _FORBIDDEN.search(pair[1])]
        raise StepFailed("template", f"line break or NUL in headers: {unfit}", "header")
    return _encode(text) + b"\r\n"


@lru_cache(maxsize=4096)
def _lowered(name: str) -> str:
    """Return the name of a header in lower case; raises StepFailed for what is none."""
    if not _TOKEN.match(name):
        raise StepFailed("template", f"{name!r} is no name of a header", "header")
    return name.lower()


def _odd_port(url: URL) -> bool:
    return not url.is_default_port()


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise StepFailed("template", f"text that cannot be encoded: {error}", "encoding") from error
