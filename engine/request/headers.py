"""The headers of a request: those of the author, and those that go with it by themselves."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version

from multidict import CIMultiDict
from yarl import URL

from ..case.model import Written
from ..http.options import HttpOptions


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


def authorize(headers: CIMultiDict[str], url: URL, options: HttpOptions) -> None:
    """Add what the user in a URL, and that of a proxy which sees the request, are let in with."""
    if url.raw_user is not None:
        headers.setdefault("Authorization", _basic(url))
    if options.proxy and url.scheme in ("http", "ws"):
        proxy = URL(options.proxy)
        if proxy.user is not None:
            headers["Proxy-Authorization"] = _basic(proxy)


def _basic(url: URL) -> str:
    """Return the value that tells the user and password of a URL (RFC 7617)."""
    credentials = f"{url.user}:{url.password or ''}"
    return f"Basic {b64encode(credentials.encode()).decode()}"
