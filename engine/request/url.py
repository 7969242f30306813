"""This module joins a step's URL and the base URL by HttpRunner's rules, without added slash."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

from yarl import URL

from ..errors import StepFailed
from ..http.address import check_authority, check_url, without_user
from ..http.request import NEEDS_TLS

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SLASHES = re.compile(r"//+")
_ORIGIN = re.compile(r"[^/?#]*//([^/?#]*)")
_TARGET = re.compile(r"[^/?#]*//[^/?#]*([^?#]*)(?:\?([^#]*))?")
# All that a path or query must not hold (RFC 3986, 3.3 and 3.4), single percent signs too.
_UNFIT = re.compile(r"[^\w!$%&'()*+,\-./:;=?@~]|%(?![0-9a-f]{2})", re.ASCII | re.IGNORECASE)


def is_absolute(url: str) -> bool:
    """Whether the URL needs no base URL."""
    return _ABSOLUTE.match(url) is not None


def resolve(base: str, url: str, params: Iterable[tuple[str, str]] = ()) -> URL:
    """Join base and URL, then append the parameters after the URL's own query.

    The base gives scheme, user, host and the front of the path; its query is dropped. Double
    slashes become one, `..` is resolved, escapes are kept. Raises StepFailed (kind template).
    """
    try:
        joined = _joined(base, url)
        pairs = list(params)
        return joined.extend_query(pairs) if pairs else joined
    except ValueError as error:
        behind = "" if is_absolute(url) else f" behind base_url {without_user(base)!r}"
        told = f"not a URL: {without_user(url)!r}{behind} ({error})"
        raise StepFailed("template", told, "url") from error


def resolve_secure(base: str, url: str) -> URL:
    """Resolve the URL of a step that needs HTTP/2; raises StepFailed for one without TLS."""
    joined = resolve(base, url)
    if joined.scheme == "http":
        raise StepFailed("template", f"{NEEDS_TLS}, not {without_user(str(joined))!r}", "url")
    return joined


# Most requests of a run go to few URLs, and yarl caches the parts of a URL object.
@lru_cache(maxsize=4096)
def _joined(base: str, url: str) -> URL:
    return as_written(url if is_absolute(url) else _join(base, url))


def as_written(text: str) -> URL:
    """Return an absolute URL that keeps each percent-escape as it is written.

    Raises ValueError for a text that is not a URL, and for a URL that leads nowhere.
    """
    if (origin := _ORIGIN.match(text)) is not None:
        check_authority(origin[1])
    url = URL(text)
    check_url(url)
    # yarl would remove escapes that are not needed, such as `%2F` in a query.
    if "%" not in text or (target := _TARGET.match(text)) is None:
        return url
    path, query = (_UNFIT.sub(_escaped, part) for part in target.groups(""))
    return url.join(URL.build(path=path, query_string=query, encoded=True))


def _escaped(unfit: re.Match[str]) -> str:
    return quote(unfit[0])


def _join(base: str, url: str) -> str:
    if not is_absolute(base):
        where = f"base_url is {without_user(base)!r}" if base else "there is no base_url"
        raise StepFailed("template", f"{url!r} is a relative URL and {where}", "url")
    origin, front = _front(base)
    path, mark, query = url.partition("?")
    path = _SLASHES.sub("/", f"{front.rstrip('/')}/{path.lstrip('/')}" if path else front)
    return f"{origin}{path}{mark}{query}"


@lru_cache(maxsize=256)
def _front(base: str) -> tuple[str, str]:
    """Return the parts of a base URL that all URLs below it get: origin with user, and path."""
    url = as_written(base)
    return f"{url.scheme}://{url.raw_authority}", url.raw_path
