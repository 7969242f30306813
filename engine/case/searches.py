"""This module knows how authors spell searches of a response: which texts are one, and how.

HttpRunner 2 and 3 wrote `content.x`, `json.x`, `text.x` and `list.0.x`, took any group as a
regular expression, and needed no quotes around names with a hyphen. All of these become JMESPath
or a pattern here; nothing is compiled or run.
"""

from __future__ import annotations

import json
import re

_FIELD = r"(?:proto|status_code|headers|cookies|body|elapsed)(?![\w-])"
_SEARCHED = re.compile(rf"(?:(?:[a-z_]+\(|[\[{{(!&]).*?\b)?{_FIELD}", re.DOTALL)
_OLD_PREFIX = re.compile(r"\A(?:content|json)(?=[.\[])")
_OLD_BODY = re.compile(r"\A(?:content|json|text)(?=[.\[]|\Z)")
_OLD_WORDS = ("ok", "encoding", "url", "reason")
# A group that only a pattern has: one with a class, a repetition, or a choice between texts.
_GROUP = re.compile(
    r"\((?:\?(?:P<\w+>|[:=!<]))?[^()]*(?:\\[A-Za-z]|[.\])][*+?{]|\[\^)[^()]*\)"
    r"|(?<![a-z_])\([\w -]+(?:\|[\w -]+)+\)"
)
# Of JSONPath, which version 2 gave a list of all that it found.
_JSONPATH = re.compile(r"\$(?=\.|\[)")
_JSONPATH_PART = r"\.[^\W\d][\w-]*|\.\d+|\[-?\d+\]|\[(?:'[^'\\]+'|\"[^\"\\]+\")\]"
_ONE_VALUE = re.compile(rf"(?:{_JSONPATH_PART})+")
_VALUES = re.compile(rf"(?:{_JSONPATH_PART}|\.\*|\[\*\])+")
_IN_BRACKETS = re.compile(r"\[['\"]([^'\"]+)['\"]\]")
_EXPRESSION = re.compile(r"\$[\w{]")
_LITERAL = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`"
_ITEM = re.compile(rf"{_LITERAL}|(?:[^\W\d]|(?<=\.)\d)[\w-]*", re.DOTALL)
# JMESPath reads any other item only in quotes: one with a hyphen, a letter beyond ASCII, a digit
# at its start. A number behind a dot was an index of HttpRunner 2.
_PLAIN_ITEM = re.compile(r"[A-Za-z_]\w*|-?\d+", re.ASCII)
_DOT_INDEX = re.compile(rf"({_LITERAL})|\.(-?\d+)\b", re.DOTALL)
# Version 2 parted a path at its dots and nowhere else. What no JMESPath operator is in means that.
_DOTTED = re.compile(r"body(?:\.[^.\s\[\]{}()*|&!<>=,\"'`?\\]+)+")
_NAMED = re.compile(r"(headers|cookies)\.([^\s\[\]{}()*|&!<>=,\"'`?\\]+)")
_NEEDLESS_QUOTES = re.compile(r"\"([A-Za-z_]\w*)\"", re.ASCII)
_HEADER = re.compile(r"headers\.[\w\"-]+")


def is_search(text: str) -> bool:
    """Say whether an `extract` or a `check` with this text asks for a part of the response."""
    is_old = text in _OLD_WORDS or bool(_OLD_BODY.match(text) or _JSONPATH.match(text))
    return is_old or is_search_anywhere(text)


def is_search_anywhere(text: str) -> bool:
    """Say whether a text is a search in a variable, too: there, words like `url` are values."""
    return is_pattern(text) or bool(_SEARCHED.match(_from_root(text)))


def is_pattern(text: str) -> bool:
    """Say whether a search is a regular expression; a path stays one, whatever is put into it."""
    if "(.*)" in text:
        return True
    return "(" in text and not _begins_path(text) and _has_group(text)


def _begins_path(text: str) -> bool:
    return any((_SEARCHED.match(_from_root(text)), _OLD_BODY.match(text), _JSONPATH.match(text)))


def _has_group(text: str) -> bool:
    return bool(_GROUP.search(text)) and not _EXPRESSION.search(text)


def modern(text: str) -> str:
    """Return a path in today's spelling; `.0`, an index or a key, stays as it is.

    Raises ValueError for a JSONPath that is none in JMESPath.
    """
    if _JSONPATH.match(text):
        return _from_jsonpath(text[1:])
    path = _OLD_BODY.sub("body", _from_root(text))
    if _DOTTED.fullmatch(path):
        return ".".join(map(_in_quotes, path.split(".")))
    if named := _NAMED.fullmatch(path):
        return f"{named[1]}.{_in_quotes(named[2])}"
    return _ITEM.sub(_quoted, path)


def _from_jsonpath(path: str) -> str:
    """Return the path that finds the same list."""
    if not _VALUES.fullmatch(path):
        hint = "write JMESPath: body.items[?id==`1`].name"
        raise ValueError(f"this JSONPath cannot be read; {hint}")
    # JMESPath has no name in brackets.
    named = "body" + _IN_BRACKETS.sub(lambda match: f".{json.dumps(match[1])}", path)
    found = _ITEM.sub(_quoted, named)
    return f"[{found}]" if _ONE_VALUE.fullmatch(path) else found


def as_jmespath(path: str) -> str:
    """Return a path of `modern` as JMESPath reads it: `.0` is an index."""
    return _DOT_INDEX.sub(lambda match: match[1] or f"[{match[2]}]", path)


def same_part(text: str) -> str:
    """Return a text that is the same for all spellings of one search."""
    text = text.strip()
    if is_pattern(text) or not is_search(text):
        return text
    try:
        path = _NEEDLESS_QUOTES.sub(r"\1", as_jmespath(modern(text)))
    except ValueError:
        return text
    # Names of headers have no case (RFC 9110, 5.1).
    return path.lower() if _HEADER.fullmatch(path) else path


def _from_root(text: str) -> str:
    """Begin with the name of a field: JMESPath's `@` is the response itself."""
    return _OLD_PREFIX.sub("body", text.removeprefix("@."))


def _quoted(match: re.Match[str]) -> str:
    item = match[0]
    return item if item[0] in "\"'`" else _in_quotes(item)


def _in_quotes(item: str) -> str:
    """Return the name of an item as JMESPath reads it."""
    return item if _PLAIN_ITEM.fullmatch(item) else json.dumps(item, ensure_ascii=False)
