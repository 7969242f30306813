"""Split JavaScript into tokens, as far as the scripts of API clients need it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

_TOKEN = re.compile(
    r"""
      (?P<space>   [^\S\n]+ | // [^\n]* | /\* .*? \*/ )
    | (?P<line>    \n )
    | (?P<number>  0[xX][0-9a-fA-F]+ | (?: \d+ \.? \d* | \. \d+ ) (?: [eE] [-+]? \d+ )? )
    | (?P<text>    "(?: [^"\\\n] | \\. )*" | '(?: [^'\\\n] | \\. )*' )
    | (?P<template> `(?: [^`\\] | \\. )*` )
    | (?P<name>    [^\W\d][\w$]* | \$[\w$]* )
    | (?P<mark>    \.\.\. | [=!]==? | => | <= | >= | && | \|\| | \?\? | \?\.(?!\d) | [-+*/%]=
                 | \+\+ | -- | [-+*/%<>=!?:;,.(){}\[\]&|^~] )
    """,
    re.VERBOSE | re.DOTALL,
)
_PATTERN = re.compile(r"/((?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)/([a-z]*)")
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
# A slash behind one of these begins a regular expression, behind anything else it divides.
_BEFORE_PATTERN = {"(", ",", "=", ":", "[", "!", "&&", "||", "?", "{", "}", ";", "=>", "return"}


class Unreadable(ValueError):
    """The script is not plain enough to be understood."""


class Token(Struct, frozen=True):
    """One token; `start` and `end` are its places in the script."""

    kind: str
    text: str
    start: int
    end: int
    on_new_line: bool


def tokens_of(script: str) -> list[Token]:
    """Return the tokens, with one of kind `end` behind them; raises Unreadable."""
    found = list(_tokens(script))
    return [*found, Token("end", "", len(script), len(script), True)]


def _tokens(script: str) -> Iterator[Token]:
    at, before, is_new = 0, ";", True
    while at < len(script):
        kind, match = "pattern", None
        if script[at] == "/" and before in _BEFORE_PATTERN:
            match = _PATTERN.match(script, at) if script[at : at + 2] not in ("//", "/*") else None
        if match is None:
            match = _TOKEN.match(script, at)
            if match is None:
                raise Unreadable(f"{script[at : at + 20]!r}")
            kind = str(match.lastgroup)
        at = match.end()
        if kind in ("space", "line"):
            is_new = is_new or "\n" in match[0]
            continue
        yield Token(kind, match[0], match.start(), at, is_new)
        before, is_new = match[0], False


def text_value(token: str) -> str:
    """Return the value of a text in quotes of any kind."""
    return _ESCAPE.sub(_unescaped, token[1:-1])


def _unescaped(match: re.Match[str]) -> str:
    escape = match[1]
    if escape[0] in "ux" and len(escape) > 1:
        return chr(int(escape.strip("ux{}"), 16))
    return _ESCAPES.get(escape, escape)
