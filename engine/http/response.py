"""A response whose body has been read in full, decoded only when somebody looks."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import orjson
from aiohttp.http_parser import RawResponseMessage
from multidict import CIMultiDictProxy
from yarl import URL

# orjson turns an integer above 64 bits into a float; such a document goes to the slower decoder.
_BIG_INTEGER = re.compile(rb"\d{19}")


class Response:
    """What came back. `elapsed` is the latency in seconds, redirects included."""

    __slots__ = ("__dict__", "content", "elapsed", "headers", "message", "status", "url")

    def __init__(self, message: RawResponseMessage, content: bytes, url: URL) -> None:
        self.message = message
        self.status: int = message.code
        self.headers: CIMultiDictProxy[str] = message.headers
        self.content = content
        self.url = url
        self.elapsed = 0.0

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

    @cached_property
    def text(self) -> str:
        """The body as UTF-8; what is not valid is replaced."""
        return self.content.decode("utf-8", "replace")

    @cached_property
    def body(self) -> Any:
        """Any JSON document decoded, else the text; the content type is not asked."""
        content = self.content
        if not content:
            return ""
        try:
            if _BIG_INTEGER.search(content):
                return json.loads(content, parse_constant=_refuse)
            return orjson.loads(content)
        except (ValueError, RecursionError):
            return self.text

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        """The cookies that this response sets, by name."""
        pairs = (
            line.partition(";")[0].partition("=") for line in self.headers.getall("Set-Cookie", ())
        )
        return {name.strip(): value.strip().strip('"') for name, _, value in pairs}


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
