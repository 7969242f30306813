"""Find the `base_url` that most URLs of a case share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from .draft import Expression

_ORIGIN = re.compile(r"https?://[^/?#]+", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{\w+\}(?=[/?]|$)")
# Joining with a base would change such a path ("//" to "/", ".." resolved), so it stays whole.
_CHANGED = re.compile(r"//|/\.\.?(?:/|$)")


def common_base(urls: Iterable[str]) -> str:
    """Return the origin or variable with which most of the URLs begin; may be empty."""
    starts = [start for url in urls if (start := _start(url)) is not None]
    return Counter(starts).most_common(1)[0][0] if starts else ""


def _start(url: str) -> str | None:
    if match := _ORIGIN.match(url):
        return match[0] if "$" not in match[0] else None
    match = _VARIABLE.match(url) if isinstance(url, Expression) else None
    return Expression(match[0]) if match else None


def relative(url: str, base: str) -> str:
    """Return the URL relative to the base, or the whole URL if it is not below the base."""
    rest = url.removeprefix(base)
    path = rest.partition("?")[0]
    if not base or rest == url or rest[:1] not in ("", "/", "?") or _CHANGED.search(path):
        return url
    kind = Expression if isinstance(url, Expression) else str
    return kind(rest if path else f"/{rest}")
