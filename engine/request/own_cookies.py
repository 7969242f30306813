"""The cookies that a request brings along, whatever the user's jar holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from multidict import CIMultiDict

from ..http.cookies import Pairs, merged
from .body import pairs_of


def own_cookies(fields: Mapping[str, Any], headers: CIMultiDict[str]) -> Pairs:
    """Return the step's cookies, and those of a Cookie header, which leaves the headers.

    One request has one line of cookies (RFC 6265, 5.4): those of the jar stand in it, too.
    """
    written = tuple((name, _quoted(text)) for name, text in pairs_of(fields)) if fields else ()
    if (line := headers.get("Cookie")) is None or (listed := _parsed(line)) is None:
        return written
    del headers["Cookie"]
    return merged(listed, written)


def _parsed(line: str) -> Pairs | None:
    """Return the cookies of a header; None where they are not plainly names with values."""
    pieces = [piece.strip().partition("=") for piece in line.split(";") if piece.strip()]
    found = tuple((name, value) for name, mark, value in pieces if mark)
    return found if len(found) == len(pieces) else None


def _quoted(text: str) -> str:
    """Put a value into quotes as Go's client does: blanks and commas end it for some servers."""
    bare = (" " in text or "," in text) and not text.startswith('"')
    return f'"{text}"' if bare else text
