"""The checks that stand for single comparisons of a Postman script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from .draft import Check
from .postman_values import REASON, STATUS, TEXT, Part, Value

_OPPOSITES = {"eq": "ne", "ne": "eq", "gt": "le", "le": "gt", "ge": "lt", "lt": "ge"}
# Inside JSON, other characters may be written with escapes or blanks.
_SAME_IN_JSON = re.compile(r"[\w.@+#$=?!-]*", re.ASCII)


class NotPlain(ValueError):
    """An assertion that has no check with the same meaning."""


def search_of(value: Value | None) -> str:
    if not isinstance(value, Part) or value.is_text or value.is_reason:
        raise NotPlain
    return value.path


def compare(assertion: str, value: Value | None, expected: Any) -> Check:
    if value == REASON and isinstance(expected, str) and assertion in ("eq", "ne"):
        code = next((one.value for one in HTTPStatus if one.phrase == expected), None)
        if code is None:
            raise NotPlain
        return Check(assertion, STATUS.path, code)
    return Check(assertion, search_of(value), expected)


def contains(value: Value, expected: Any) -> Check:
    if value == TEXT and isinstance(expected, str) and _SAME_IN_JSON.fullmatch(expected):
        return Check("contains", "to_string(body)", expected)
    return Check("contains", search_of(value), expected)


def has_key(part: Part, key: Any) -> Check:
    if not part.is_body or not isinstance(key, str) or "'" in key or "\\" in key:
        raise NotPlain
    return Check("eq", f"contains(keys({part.path}), '{key}')", True)


def one_of(checks: Sequence[Check]) -> Check:
    """Return the check that one of several values is there."""
    values: list[Any] = []
    for check in checks:
        if check.search != checks[0].search or check.assertion not in ("eq", "contained_by"):
            raise NotPlain
        values += check.expected if check.assertion == "contained_by" else [check.expected]
    return Check("contained_by", checks[0].search, values)


def opposite(check: Check) -> Check:
    if check.assertion == "len_eq" and check.expected == 0:
        return Check("len_gt", check.search, 0)
    if check.assertion == "eq" and check.expected is True and check.search.startswith("contains("):
        return Check("eq", check.search, False)
    if check.assertion not in _OPPOSITES:
        raise NotPlain
    return Check(_OPPOSITES[check.assertion], check.search, check.expected)
