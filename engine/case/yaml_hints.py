"""This module says what to change in a text that is not YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator

_DASH = re.compile(r"\s*-(?=[A-Za-z_])")
_COLON = re.compile(r"\s*(?:-\s+)*([A-Za-z_]\w*):(?=[^\s:/])")
_TWO_COLONS = re.compile(r"\s*(?:-\s+)*[\w-]+:\s+[^\"'\[{#|>\s].*?:(?:\s|$)")
_KEY = re.compile(r"(\s*(?:-\s+)*)([\"']?[\w$-][^:]*):(?:\s|$)")
_MISPLACED = ("mapping values are not allowed", "expected '-'", "expected ':'", "block end")
# Keys that begin an item of a list in a case file.
_BEGIN_ITEMS = ("name", "test", "api", "testcase", "request", "check", "eq", "equals", "contains")


def hint_of(text: str, line: int, what: str) -> str:
    """Return what to do about a failure of the parser in this line (from 1), or nothing."""
    lines = text.splitlines()
    if not 0 < line <= len(lines):
        return ""
    if "\t" in lines[line - 1]:
        return "indent with spaces, not with tabs"
    if "expected ','" in what:
        return "put a text that holds { } [ ] or a comma in quotes"
    if "cannot start any token" in what:
        return "put a text that begins with @ % or a backtick in quotes"
    if any(words in what for words in _MISPLACED):
        return next(_misplaced(lines, line), "")
    return ""


def hint_of_duplicate(key: str) -> str:
    return "if another item begins here, put - before it" if key in _BEGIN_ITEMS else ""


def _misplaced(lines: list[str], line: int) -> Iterator[str]:
    """Yield what may be wrong with a line that does not fit, most likely first."""
    own = lines[line - 1]
    above = next((one for one in reversed(lines[: line - 1]) if one.strip()), "")
    for one in (own, above):
        if _DASH.match(one):
            yield f"write a blank behind the dash: - {one.strip()[1:].strip()[:40]}"
        if "：" in one:
            yield "write : and a blank instead of ："
        if colon := _COLON.match(one):
            yield f"write a blank behind {colon[1]}:"
    if _TWO_COLONS.match(own):
        yield "put a text that holds a colon and a blank in quotes"
    key, before = _KEY.match(own), _KEY.match(above)
    if key and before and len(key[1]) != len(before[1]):
        yield f"indent {key[2]} like {before[2]} in the line above, if it belongs beside it"
    if key and not before:
        yield f"indent {key[2]} like the keys that it belongs to"
