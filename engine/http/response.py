"""A response holds a whole body, and decodes it when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from multidict import CIMultiDictProxy

from .charset import charset_of, text_of
from .head import Head, text
from .json_body import read_json
from .request import Request

_UNREAD = object()


class Response:
    """One response. `elapsed` is the latency in seconds, redirects included.

    `request` is the one that it answers, the last of a chain of redirects.
    After `body` was read, `json_error` says why a body whose content type names JSON is not JSON.
    """

    __slots__ = ("_body", "_text", "content", "elapsed", "head", "json_error", "request", "status")

    def __init__(self, head: Head, content: bytes) -> None:
        self.head = head
        self.status = head.status
        self.content = content
        self.elapsed = 0.0
        self.request: Request | None = None
        self.json_error: str | None = None
        self._body: Any = _UNREAD
        self._text: str | None = None

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """The headers by name in any letter case; bytes that are not UTF-8 are surrogates."""
        return self.head.headers

    @property
    def proto(self) -> str:
        return f"HTTP/{self.head.version}"

    @property
    def reason(self) -> str:
        return text(self.head.reason)

    @property
    def url(self) -> str:
        """The URL that gave this response, which is the last one after redirects."""
        return "" if self.request is None else str(self.request.url)

    @property
    def elapsed_ms(self) -> float:
        return self.elapsed * 1000

    @property
    def text(self) -> str:
        """The body as text, in the charset that it names or UTF-8; broken bytes are U+FFFD."""
        if self._text is None:
            self._text = text_of(self.content, self._charset())
        return self._text

    @property
    def body(self) -> Any:
        """The body decoded if it is JSON, whatever the content type says, else the text."""
        if self._body is not _UNREAD:
            return self._body
        try:
            self._body = read_json(self.content, self._charset) if self.content else ""
        except (ValueError, RecursionError) as error:
            if b"json" in self.head.content_type.lower():
                self.json_error = str(error)
            self._body = self.text
        return self._body

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies that this response sets, by name."""
        pairs = (
            line.partition(";")[0].partition("=") for line in self.headers.getall("Set-Cookie", ())
        )
        return {name.strip(): value.strip().strip('"') for name, _, value in pairs}

    def _charset(self) -> str | None:
        return charset_of(self.head.content_type)
