"""This module reads JSON as Go, browsers and requests do, with U+FFFD for broken characters."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import isinf
from typing import Any

from orjson import loads

from .charset import text_of

# orjson turns an integer above 64 bits into a float; such a document goes to the slower decoder.
# Counting all digits rules it out for most documents. With all digits made alike it is found
# several times faster than by a regular expression.
_MANY = 19
_BIG_INTEGER = b"0" * _MANY
_DIGITS = b"0123456789"
_DIGITS_ALIKE = bytes.maketrans(_DIGITS, b"0" * 10)
# The first byte of a document in any charset, and bytes that a strict reader may refuse.
_BEGINS = frozenset(b'{["-0123456789tfn \t\r\n\0\xef\xfe\xff')
_ODD = re.compile(rb"[^\x01-\x1a\x1c-\x7f]|\\u")
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)


def read_json(content: bytes, charset: Callable[[], str | None]) -> Any:
    """Return the document, its integers exact; raises ValueError or RecursionError.

    `charset` is called only if the bytes leave a doubt. None means UTF-8, or UTF-16 or UTF-32 if
    the bytes show it.
    """
    if content.isascii() or charset() is None:
        try:
            # As `_parsed` does, whose call would cost as much as a small document.
            if len(content) - len(content.translate(None, _DIGITS)) < _MANY:
                return loads(content)
            return _parsed(content)
        except ValueError:  # usually it is not JSON at all
            if content[0] not in _BEGINS or not _ODD.search(content):
                raise
    text = text_of(content, charset() or json.detect_encoding(content))
    return _parsed(_repaired(text).encode())


def _parsed(content: bytes) -> Any:
    return _exact(content) if _BIG_INTEGER in content.translate(_DIGITS_ALIKE) else loads(content)


def _exact(content: bytes) -> Any:
    text = _repaired(content.decode())
    return json.loads(text, parse_constant=_refuse, parse_float=_finite)


def _repaired(text: str) -> str:
    """Return the document without halves of surrogate pairs: UTF-8 cannot hold them."""
    return _ESCAPE.sub(_whole, text) if "\\u" in text else text


def _whole(escape: re.Match[str]) -> str:
    return "\\ufffd" if escape[1] else escape[0]


def _finite(digits: str) -> float:
    """Return the number; orjson and Go refuse one that is too large, too."""
    number = float(digits)
    if isinf(number):
        raise ValueError(f"{digits[:20]} is too large")
    return number


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
