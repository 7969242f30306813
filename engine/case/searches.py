"""This module knows how authors spell searches of a response: which texts are one, and how.

HttpRunner 2 and 3 wrote `content.x`, `json.x` and `list.0.x`, and quoted some names with a
hyphen by themselves. All of these become JMESPath here; nothing is compiled or run.
"""

from __future__ import annotations

import json
import re

_FIELD = r"(?:proto|status_code|headers|cookies|body|elapsed)(?![\w-])"
_SEARCHED = re.compile(rf"(?:(?:[a-z_]+\(|[\[{{(!&]).*?\b)?{_FIELD}", re.DOTALL)
_OLD_PREFIX = re.compile(r"\A(?:content|json)(?=[.\[])")
_LITERAL = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`"
_ITEM = re.compile(rf"{_LITERAL}|(?:[^\W\d]|(?<=\.)\d)[\w-]*", re.DOTALL)
# JMESPath reads any other item only in quotes: one with a hyphen, a letter beyond ASCII, a digit
# at its start. A number behind a dot was an index of HttpRunner 2.
_PLAIN_ITEM = re.compile(r"[A-Za-z_]\w*|\d+", re.ASCII)
_DOT_INDEX = re.compile(rf"({_LITERAL})|\.(\d+)\b", re.DOTALL)
_NEEDLESS_QUOTES = re.compile(r"\"([A-Za-z_]\w*)\"", re.ASCII)
_HEADER = re.compile(r"headers\.[\w\"-]+")


def is_search(text: str) -> bool:
    """Say whether a text asks for a part of the response."""
    return is_pattern(text) or bool(_SEARCHED.match(_from_root(text)))


def is_pattern(text: str) -> bool:
    """Say whether a search is a regular expression."""
    return "(.*)" in text


def modern(text: str) -> str:
    """Return a path in today's spelling; `.0`, an index or a key, stays as it is."""
    return _ITEM.sub(_quoted, _from_root(text))


def as_jmespath(path: str) -> str:
    """Return a path of `modern` as JMESPath reads it: `.0` is an index."""
    return _DOT_INDEX.sub(lambda match: match[1] or f"[{match[2]}]", path)


def same_part(text: str) -> str:
    """Return a text that is the same for all spellings of one search."""
    text = text.strip()
    if is_pattern(text) or not is_search(text):
        return text
    path = _NEEDLESS_QUOTES.sub(r"\1", as_jmespath(modern(text)))
    # Names of headers have no case (RFC 9110, 5.1).
    return path.lower() if _HEADER.fullmatch(path) else path


def _from_root(text: str) -> str:
    """Begin with the name of a field: JMESPath's `@` is the response itself."""
    return _OLD_PREFIX.sub("body", text.removeprefix("@."))


def _quoted(match: re.Match[str]) -> str:
    item = match[0]
    is_plain = item[0] in "\"'`" or _PLAIN_ITEM.fullmatch(item)
    return item if is_plain else json.dumps(item, ensure_ascii=False)
