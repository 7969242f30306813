"""This module makes requests that differ only in a few texts: all else is prepared once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct
from yarl import URL

from ..http.cookies import Pairs
from ..http.request import OURS, TELL_LENGTH, Request
from .location import Place

_SOMEWHERE = URL("http://localhost/")


class RequestPattern(Struct, frozen=True):
    """The parts that requests of one step share.

    `headers` are the names, with None for a value that varies; `lines` is a `%` pattern of their
    lines. `example` is a request without the varying values.
    """

    headers: tuple[tuple[str, str | None], ...]
    start: str
    lines: str
    has_host: bool
    tells_length: bool
    example: Request

    @classmethod
    def compile(
        cls,
        method: str,
        headers: Mapping[str, str],
        varying: Collection[str],
        timeout: float | None,
        follow: bool,
    ) -> RequestPattern:
        """Prepare requests; `varying` are names of headers in small letters.

        Raises StepFailed if no request can be sent with the constant parts, and ValueError for
        headers that a request leaves out.
        """
        names = {name.lower() for name in headers}
        if names & OURS:
            raise ValueError("the request writes its own length")
        pairs = headers.items()
        example = Request(method, _SOMEWHERE, pairs, timeout=timeout, follow=follow)
        known = tuple((name, None if name.lower() in varying else text) for name, text in pairs)
        return cls(
            headers=known,
            start=f"{method} ",
            lines="".join([_line(name, text) for name, text in known]),
            has_host="host" in names,
            tells_length=method in TELL_LENGTH,
            example=example,
        )

    def pairs(self, texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Return all headers, with these texts for those that vary."""
        left = iter(texts)
        return tuple([(name, next(left) if text is None else text) for name, text in self.headers])


class PatternRequest(Request):
    """A request that is joined from a pattern and what varies.

    It takes only what is proven plain: a place from `plain_place`, printable header texts.
    """

    __slots__ = ("_pattern", "_texts")

    # Not set for each request: these cover the attributes of the class above.
    form = None
    proxied = False
    has_url_user = False

    def __init__(
        self,
        pattern: RequestPattern,
        place: Place,
        texts: tuple[str, ...],
        body: bytes,
        cookies: Pairs,
    ) -> None:
        front, path = place
        example = pattern.example
        self.method = example.method
        self.timeout = example.timeout
        self.follow = example.follow
        self.closes = example.closes
        self.origin = origin = front.origin
        self.path_qs = path
        self.body = body
        self.cookies = cookies
        self._url = front.text + path
        self._pattern = pattern
        self._texts = texts
        host = "" if pattern.has_host else f"Host: {origin.address}\r\n"
        head = f"{pattern.start}{path} HTTP/1.1\r\n{host}{pattern.lines % texts}"
        if body or pattern.tells_length:
            head = f"{head}Content-Length: {len(body)}\r\n"
        self.head = data = head.encode()
        self.wire = data + b"\r\n" + body

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        return self._pattern.pairs(self._texts)


def _line(name: str, text: str | None) -> str:
    name = name.replace("%", "%%")
    return f"{name}: %s\r\n" if text is None else f"{name}: {text.replace('%', '%%')}\r\n"
