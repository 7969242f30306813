"""This module collects the cookies that a step gives to its request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from multidict import CIMultiDict

from ..http.cookies import Pairs, merged
from .body import pairs_of


def own_cookies(fields: Mapping[str, Any], headers: CIMultiDict[str]) -> Pairs:
    """Return the step's cookies and those of a Cookie header, and remove that header.

    A request has one line of cookies (RFC 6265, 5.4), together with those of the jar. A header
    that does not consist of names with values stays.
    """
    line = headers.get("Cookie")
    if line is None or (cookies := given_cookies(fields, line)) is None:
        return _written(fields)
    del headers["Cookie"]
    return cookies


def given_cookies(fields: Mapping[str, Any], line: str | None) -> Pairs | None:
    """Return the cookies of the fields and the header; None if the header must stay."""
    written = _written(fields)
    if line is None:
        return written
    return None if (listed := _parsed(line)) is None else merged(listed, written)


def _written(fields: Mapping[str, Any]) -> Pairs:
    return tuple([(name, _quoted(text)) for name, text in pairs_of(fields)]) if fields else ()


def _parsed(line: str) -> Pairs | None:
    """Return the cookies of a header; None if they are not all names with values."""
    pieces = [piece.strip().partition("=") for piece in line.split(";") if piece.strip()]
    found = tuple((name, value) for name, mark, value in pieces if mark)
    return found if len(found) == len(pieces) else None


def _quoted(text: str) -> str:
    """Quote a value with a blank or comma, as Go's client does: some servers end it there."""
    bare = (" " in text or "," in text) and not text.startswith('"')
    return f'"{text}"' if bare else text
