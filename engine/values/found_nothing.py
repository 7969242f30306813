"""This module says where a search ended that found nothing, for people who look for the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..case.searches import is_pattern, is_search, modern
from .expressions import Scope
from .extraction import Extraction, ResponseView, item_of, plain_path

_MOST_NAMES = 10
_LONGEST_NAME = 40


def found_nothing(extraction: Extraction, response: ResponseView, scope: Scope) -> str:
    """Return a sentence on a search whose value is null; nothing for what is no search."""
    search = extraction.search_in(scope)
    if search is None or not is_search(search):
        return ""
    if is_pattern(search):
        return f"{search} matches nothing in the body"
    keys = plain_path(search)
    if keys is not None:
        return _along(search, keys, response.body)
    group = _names_beside(modern(search), response)
    return f"{search} found nothing in the response" + (f" (has: {group})" if group else "")


def _along(search: str, keys: tuple[str | int, ...], body: Any) -> str:
    """Follow a path into the body to where it ends."""
    value, where = body, "body"
    for key in keys:
        if not _holds(value, key):
            told = _parts_of(value)
            told = told if where == "body" and told.startswith("has: ") else f"{where} {told}"
            return f"{search} found nothing in the response ({told})"
        value = item_of(value, key)
        where += f"[{key}]" if isinstance(key, int) else f".{key}"
    return f"{search} is null in the response"


def _holds(value: Any, key: str | int) -> bool:
    return key in value if isinstance(value, dict) else item_of(value, key) is not None


def _parts_of(value: Any) -> str:
    if isinstance(value, dict):
        return f"has: {_listed(value)}" if value else "is an empty map"
    if isinstance(value, list):
        return f"is a list of {len(value)}"
    return "is null" if value is None else "is a text" if isinstance(value, str) else "has no parts"


def _names_beside(path: str, response: ResponseView) -> str:
    """Return the names of the headers or cookies that are there."""
    if path.startswith("headers."):
        return _listed(response.headers)
    return _listed(response.cookies) if path.startswith("cookies.") else ""


def _listed(names: Mapping[str, Any]) -> str:
    shown = [str(name)[:_LONGEST_NAME] for name, _ in zip(names, range(_MOST_NAMES), strict=False)]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
