"""What the URLs of a case have in common: its `base_url`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from .draft import Expression

_ORIGIN = re.compile(r"https?://[^/?#]+", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{\w+\}(?=[/?]|$)")
# Joining would make one slash of two and resolve `..`: such a URL stays whole.
_CHANGED = re.compile(r"//|/\.\.?(?:/|$)")


def common_base(urls: Iterable[str]) -> str:
    """Return the origin, or the variable, that most of the URLs start with; may be empty."""
    starts = [start for url in urls if (start := _start(url)) is not None]
    return Counter(starts).most_common(1)[0][0] if starts else ""


def _start(url: str) -> str | None:
    if match := _ORIGIN.match(url):
        return match[0] if "$" not in match[0] else None
    match = _VARIABLE.match(url) if isinstance(url, Expression) else None
    return Expression(match[0]) if match else None


def relative(url: str, base: str) -> str:
    """Return the URL below the base, or the whole one where it is not below it."""
    rest = url.removeprefix(base)
    path = rest.partition("?")[0]
    if not base or rest == url or rest[:1] not in ("", "/", "?") or _CHANGED.search(path):
        return url
    kind = Expression if isinstance(url, Expression) else str
    return kind(rest if path else f"/{rest}")
