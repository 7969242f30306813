"""This module makes the headers of a request: the author's and the automatic ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from boomtalk.version import VERSION
from multidict import CIMultiDict
from yarl import URL

from ..case.model import Written
from ..errors import StepFailed
from ..http.address import basic_of
from ..http.decoding import READABLE
from ..http.options import HttpOptions
from ..values.text import shortened, to_text

USER_AGENT = f"boomtalk/{VERSION}"
_REFUSED = re.compile(r";\s*q\s*=\s*0(?:\.0*)?\s*\Z", re.IGNORECASE)


def automatic_headers(options: HttpOptions) -> dict[str, str]:
    """Return the headers that go with every request unless the author gives them."""
    headers = {"User-Agent": USER_AGENT, "Accept": "*/*"}
    if options.compression:
        headers["Accept-Encoding"] = "gzip, deflate"
    if not options.keepalive:
        headers["Connection"] = "close"
    return headers


def complete_headers(headers: CIMultiDict[str], options: HttpOptions) -> None:
    """Add the automatic headers that the author does not give, and check the encodings asked."""
    ask_for_readable(headers)
    for name, value in automatic_headers(options).items():
        if name not in headers:
            headers.add(name, value)


def merge_headers(
    defaults: Mapping[str, Written], own: Mapping[str, Written]
) -> dict[str, Written]:
    """Return all headers; the step wins by name, and HTTP/2's own names (`:path`) are left out."""
    names = {name.lower() for name in own}
    merged = {name: value for name, value in defaults.items() if name.lower() not in names}
    return {name: value for name, value in {**merged, **own}.items() if not name.startswith(":")}


def set_given(headers: CIMultiDict[str], given: Any) -> None:
    """Set the headers of a map that an expression gave; null leaves one out, as in `requests`.

    Raises StepFailed (kind template) for anything but a map.
    """
    if not isinstance(given, Mapping):
        what = f"headers: the expression must give a map, not {shortened(given, 80)}"
        raise StepFailed("template", what, "headers")
    for name, value in given.items():
        if value is None:
            headers.popall(to_text(name), None)
        else:
            headers[to_text(name)] = to_text(value)


def ask_for_readable(headers: CIMultiDict[str]) -> None:
    """Remove the encodings that cannot be read here from an author's Accept-Encoding."""
    if (asked := headers.get("Accept-Encoding")) is not None:
        headers["Accept-Encoding"] = _readable(asked)


@lru_cache(maxsize=256)
def _readable(asked: str) -> str:
    """Return the members that can be read, and refusals such as `*;q=0` (RFC 9110, 12.5.3)."""
    members = [member.strip() for member in asked.split(",")]
    kept = [member for member in members if _may_come(member)]
    if len(kept) == len(members):
        return asked
    return ", ".join(kept) or ("gzip, deflate, br, zstd" if "*" in asked else "identity")


def _may_come(member: str) -> bool:
    name = member.partition(";")[0].strip().lower()
    return name in READABLE or name in ("identity", "") or bool(_REFUSED.search(member))


def authorize(headers: CIMultiDict[str], url: URL, options: HttpOptions) -> bool:
    """Add the credentials of the URL, and those of a proxy that reads the request.

    Returns whether the Authorization comes from the URL.
    """
    if options.proxy and url.scheme in ("http", "ws") and (basic := basic_of(URL(options.proxy))):
        headers["Proxy-Authorization"] = basic
    return authorize_user(headers, url)


def authorize_user(headers: CIMultiDict[str], url: URL) -> bool:
    """Add the credentials of a URL unless the author wrote some; return whether they were added."""
    if "Authorization" in headers or (basic := basic_of(url)) is None:
        return False
    headers["Authorization"] = basic
    return True
