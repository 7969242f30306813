"""The headers of a request: those of the author, and those that go with it by themselves."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from importlib.metadata import version

from yarl import URL

from ..case.model import Written
from ..http.options import HttpOptions


def automatic_headers(options: HttpOptions) -> dict[str, str]:
    """Return the headers that go with every request unless the author gives them."""
    headers = {"User-Agent": f"boomtalk/{version('boomtalk')}", "Accept": "*/*"}
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


def basic_authorization(url: URL) -> str:
    """Return the value of a header that tells the user and password of a URL (RFC 7617)."""
    credentials = f"{url.user}:{url.password or ''}"
    return f"Basic {b64encode(credentials.encode()).decode()}"
