"""A response holds a whole body, and decodes it when somebody asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from multidict import CIMultiDict, CIMultiDictProxy

from .charset import charset_of, text_of
from .json_body import read_json

_UNREAD = object()


class Response:
    """One response. `elapsed` is the latency in seconds, redirects included.

    After `body` was read, `json_error` says why a body whose content type names JSON is not JSON.
    """

    __slots__ = (
        "_body",
        "_headers",
        "_names",
        "_reason",
        "_small",
        "_text",
        "_values",
        "_version",
        "content",
        "elapsed",
        "json_error",
        "status",
    )

    def __init__(
        self,
        status: int,
        version: str,
        reason: bytes,
        names: list[bytes],
        values: list[bytes],
        content: bytes,
    ) -> None:
        """Take the names and values of the headers in the order and spelling of the server."""
        self.status = status
        self.content = content
        self.elapsed = 0.0
        self.json_error: str | None = None
        self._version = version
        self._reason = reason
        self._names = names
        self._values = values
        self._small = b"\n".join(names).lower()
        self._headers: CIMultiDictProxy[str] | None = None
        self._body: Any = _UNREAD
        self._text: str | None = None

    def may_have(self, name: bytes) -> bool:
        """Whether there may be a header of this name (in small letters); a cheap test."""
        return name in self._small

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """The headers by name in any letter case; bytes that are not UTF-8 are surrogates."""
        if self._headers is None:
            self._headers = CIMultiDictProxy(
                CIMultiDict(zip(map(_text, self._names), map(_trimmed, self._values), strict=True))
            )
        return self._headers

    @property
    def proto(self) -> str:
        return f"HTTP/{self._version}"

    @property
    def reason(self) -> str:
        return _text(self._reason)

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
            return read_json(content, self._charset)
        except (ValueError, RecursionError) as error:
            if b"json" in self._content_type.lower():
                self.json_error = str(error)
            return self.text

    def _charset(self) -> str | None:
        return charset_of(self._content_type)

    @property
    def _content_type(self) -> bytes:
        try:
            return self._values[self._small.split(b"\n").index(b"content-type")]
        except ValueError:
            return b""


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _trimmed(value: bytes) -> str:
    return _text(value.rstrip(b" \t"))  # the parser removes only the blanks before it
