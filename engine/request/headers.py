"""The headers of a request: those of the author, and those that go with it by themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.metadata import version

from multidict import CIMultiDict
from yarl import URL

from ..case.model import Written
from ..http.address import basic_of
from ..http.decoding import READABLE
from ..http.options import HttpOptions

_REFUSED = re.compile(r";\s*q\s*=\s*0(?:\.0*)?\s*\Z", re.IGNORECASE)


def automatic_headers(options: HttpOptions) -> dict[str, str]:
    """Return the headers that go with every request unless the author gives them."""
    headers = {"User-Agent": user_agent(), "Accept": "*/*"}
    if options.compression:
        headers["Accept-Encoding"] = "gzip, deflate"
    if not options.keepalive:
        headers["Connection"] = "close"
    return headers


def merge_headers(
    defaults: Mapping[str, Written], own: Mapping[str, Written]
) -> dict[str, Written]:
    """The step wins per name, whatever its case; names that start with a colon are HTTP/2's."""
    names = {name.lower() for name in own}
    merged = {name: value for name, value in defaults.items() if name.lower() not in names}
    return {name: value for name, value in {**merged, **own}.items() if not name.startswith(":")}


@cache
def user_agent() -> str:
    """Return how requests say whose they are; finding it out reads a file."""
    return f"boomtalk/{version('boomtalk')}"


def ask_for_readable(headers: CIMultiDict[str]) -> None:
    """Take the encodings that nobody here can read out of an author's Accept-Encoding."""
    if (asked := headers.get("Accept-Encoding")) is not None:
        headers["Accept-Encoding"] = _readable(asked)


@lru_cache(maxsize=256)
def _readable(asked: str) -> str:
    """Return the members of a list that can be read, and those that refuse (RFC 9110, 12.5.3)."""
    members = [member.strip() for member in asked.split(",")]
    kept = [member for member in members if _may_come(member)]
    if len(kept) == len(members):
        return asked
    return ", ".join(kept) or ("gzip, deflate, br, zstd" if "*" in asked else "identity")


def _may_come(member: str) -> bool:
    name = member.partition(";")[0].strip().lower()
    return name in READABLE or name in ("identity", "") or bool(_REFUSED.search(member))


def authorize(headers: CIMultiDict[str], url: URL, options: HttpOptions) -> bool:
    """Add what the user in a URL, and that of a proxy which sees the request, are let in with.

    Returns whether the Authorization is that of the URL.
    """
    if options.proxy and url.scheme in ("http", "ws") and (basic := basic_of(URL(options.proxy))):
        headers["Proxy-Authorization"] = basic
    return authorize_user(headers, url)


def authorize_user(headers: CIMultiDict[str], url: URL) -> bool:
    """Add what the user in a URL is let in with, unless the author did; return whether it was."""
    if "Authorization" in headers or (basic := basic_of(url)) is None:
        return False
    headers["Authorization"] = basic
    return True
