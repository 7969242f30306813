"""A response whose body has been read in full, decoded only when somebody looks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp.http_parser import RawResponseMessage
from multidict import CIMultiDictProxy
from yarl import URL

# orjson turns an integer above 64 bits into a float; such a document goes to the slower decoder.
# With all digits made alike it is found several times faster than by a regular expression.
_BIG_INTEGER = b"0" * 19
_DIGITS_ALIKE = bytes.maketrans(b"0123456789", b"0" * 10)

_UNREAD = object()


class Response:
    """What came back. `elapsed` is the latency in seconds, redirects included."""

    __slots__ = ("_body", "_text", "content", "elapsed", "headers", "message", "status", "url")

    def __init__(self, message: RawResponseMessage, content: bytes, url: URL) -> None:
        self.message = message
        self.status: int = message.code
        self.headers: CIMultiDictProxy[str] = message.headers
        self.content = content
        self.url = url
        self.elapsed = 0.0
        self._body: Any = _UNREAD
        self._text: str | None = None

    @property
    def proto(self) -> str:
        version = self.message.version
        return f"HTTP/{version.major}.{version.minor}"

    @property
    def reason(self) -> str:
        return self.message.reason or ""

    @property
    def elapsed_ms(self) -> float:
        return self.elapsed * 1000

    @property
    def text(self) -> str:
        """The body as UTF-8; what is not valid is replaced."""
        if self._text is None:
            self._text = self.content.decode("utf-8", "replace")
        return self._text

    @property
    def body(self) -> Any:
        """Any JSON document decoded, else the text; the content type is not asked."""
        if self._body is _UNREAD:
            self._body = self._decode()
        return self._body

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies that this response sets, by name."""
        pairs = (
            line.partition(";")[0].partition("=") for line in self.headers.getall("Set-Cookie", ())
        )
        return {name.strip(): value.strip().strip('"') for name, _, value in pairs}

    def _decode(self) -> Any:
        content = self.content
        if not content:
            return ""
        try:
            if _BIG_INTEGER in content.translate(_DIGITS_ALIKE):
                return json.loads(content, parse_constant=_refuse)
            return orjson.loads(content)
        except (ValueError, RecursionError):
            return self.text


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
