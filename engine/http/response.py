"""A response whose body has been read in full, decoded only when somebody looks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson
from multidict import CIMultiDict, CIMultiDictProxy

# orjson turns an integer above 64 bits into a float; such a document goes to the slower decoder.
# With all digits made alike it is found several times faster than by a regular expression.
_BIG_INTEGER = b"0" * 19
_DIGITS_ALIKE = bytes.maketrans(b"0123456789", b"0" * 10)

_UNREAD = object()


class Response:
    """What came back. `elapsed` is the latency in seconds, redirects included."""

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
        """`names` and `values` are those of the headers, in the order and spelling they came in."""
        self.status = status
        self.content = content
        self.elapsed = 0.0
        self._version = version
        self._reason = reason
        self._names = names
        self._values = values
        self._small = b"\n".join(names).lower()
        self._headers: CIMultiDictProxy[str] | None = None
        self._body: Any = _UNREAD
        self._text: str | None = None

    def may_have(self, name: bytes) -> bool:
        """Whether `headers` is worth a look for this name (in small letters): most ask no more."""
        return name in self._small

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """The headers by name in any letter case; what is not UTF-8 is kept as surrogates."""
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


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _trimmed(value: bytes) -> str:
    return _text(value.rstrip(b" \t"))  # the parser leaves what stands behind it
