"""This module finds the place of a plain URL without taking the URL apart."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from ..errors import StepFailed
from ..http.request import Http2, Origin, origin_at
from .url import resolve

# yarl leaves these characters as they are in a path and a query, apart from the cases below.
_WORD = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_IN_TARGET = _WORD + b"!$&'()*+,-./:;=?@~"
_IN_FIELD = _WORD + b"-.~:,"


class Front(Struct, frozen=True, eq=False):
    """The front that all URLs below a base URL get: `text` before the path, and `path`."""

    origin: Origin
    text: str
    path: str


Place = tuple[Front, str]


def plain_place(base: str, url: str, verify: bool, http2: Http2 = "no") -> Place | None:
    """Return the front and the path with query of a joined URL; None if `resolve` is needed.

    The place is the one that `resolve` would find. A URL is plain if joining changes nothing in
    it: nothing to escape, no double slashes, no `..`, no user, no fragment.
    """
    if url[:1] != "/":
        base, url = _apart(base, url)
    if not _is_plain(url) or (front := front_of(base, verify, http2)) is None:
        return None
    return front, front.path + url


# For URLs without expressions, which come again and again.
known_place = lru_cache(maxsize=1024)(plain_place)


def _apart(base: str, url: str) -> tuple[str, str]:
    """Return the base and the rest of a URL that begins with no slash; no rest if it is odd."""
    if not url.startswith(("http://", "https://")):
        return base, "" if url[:1] in ("", "?") else f"/{url}"
    end = url.find("/", 8)
    base = url[:end]
    return base, "" if end < 0 or "?" in base or "#" in base else url[end:]


def with_query(place: Place, pairs: Iterable[tuple[str, str]]) -> Place | None:
    """Add parameters to a place; None if `resolve` is needed."""
    front, path = place
    fields = list(pairs)
    if not fields:
        return place
    if path[-1] == "&" or not _consists_of(_IN_FIELD, "".join(map("".join, fields))):
        return None
    mark = "&" if "?" in path else "?"
    return front, path + mark + "&".join(map("=".join, fields))


@lru_cache(maxsize=1024)
def front_of(base: str, verify: bool, http2: Http2 = "no") -> Front | None:
    """Return the front of a base URL; None if it has a user, an escape, or is not a base."""
    try:
        url = resolve(base, "/")
        origin = origin_at(url, verify, http2)
    except StepFailed:
        return None
    if "@" in url.raw_authority or not _is_plain(url.raw_path):
        return None
    return Front(origin, f"{url.scheme}://{url.raw_authority}", url.raw_path.rstrip("/"))


def _is_plain(path: str) -> bool:
    return (
        bool(path)
        and path[-1] != "?"
        and "//" not in path
        and "/." not in path
        and _consists_of(_IN_TARGET, path)
    )


def _consists_of(characters: bytes, text: str) -> bool:
    # Faster than a pattern: the characters are removed, and nothing is left.
    return text.isascii() and not text.encode().translate(None, characters)
