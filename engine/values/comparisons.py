"""This module holds the assertions of `validate`: plain functions of two values.

Numbers compare by value (1 equals 1.0, 1.9 does not equal 1); a boolean is never a number;
lengths count characters; a comparison that makes no sense for its operands is false.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .patterns import compile_pattern, search_by
from .text import to_text

Comparison = Callable[[Any, Any], bool]

# Tuples: `int | float` in a call would be built anew at each comparison.
_NUMBERS = (int, float)
_LISTS = (list, tuple)
_SIZED = (str, list, dict, tuple, bytes, Mapping)


def equal(actual: Any, expected: Any) -> bool:
    if isinstance(actual, dict) and isinstance(expected, dict):
        return actual.keys() == expected.keys() and all(
            equal(value, expected[key]) for key, value in actual.items()
        )
    if isinstance(actual, _LISTS) and isinstance(expected, _LISTS):
        return len(actual) == len(expected) and all(map(equal, actual, expected))
    if isinstance(actual, bool) or isinstance(expected, bool):
        return actual is expected
    return bool(actual == expected)


def not_equal(actual: Any, expected: Any) -> bool:
    return not equal(actual, expected)


def contains(actual: Any, expected: Any) -> bool:
    if isinstance(actual, str):
        return isinstance(expected, str) and expected in actual
    if isinstance(actual, _LISTS):
        return any(equal(item, expected) for item in actual)
    return isinstance(actual, Mapping) and isinstance(expected, str) and expected in actual


def contained_by(actual: Any, expected: Any) -> bool:
    return contains(expected, actual)


def string_equals(actual: Any, expected: Any) -> bool:
    return to_text(actual) == to_text(expected)


def equal_fold(actual: Any, expected: Any) -> bool:
    return _are_texts(actual, expected) and actual.casefold() == expected.casefold()


def startswith(actual: Any, expected: Any) -> bool:
    return actual is not None and to_text(actual).startswith(to_text(expected))


def endswith(actual: Any, expected: Any) -> bool:
    return actual is not None and to_text(actual).endswith(to_text(expected))


def regex_match(actual: Any, expected: Any) -> bool:
    """Search, not anchored; a number counts as its text.

    Raises ValueError for a pattern that is bad, or does not come to an end.
    """
    if actual is None or not isinstance(expected, (str, *_NUMBERS)):
        return False
    text, pattern = to_text(actual), to_text(expected)
    try:
        return search_by(compile_pattern(pattern), text) is not None
    except ValueError as error:
        raise ValueError(f"{pattern[:100]!r}: {error}") from error


def type_match(actual: Any, expected: Any) -> bool:
    """Compare with a type name (`int`, `str`, `list`, ...), else with the type of an example."""
    if expected is None:
        return actual is None
    if isinstance(expected, str) and expected in _TYPES:
        return _TYPES[expected](actual)
    return isinstance(actual, type(expected)) and isinstance(actual, bool) is isinstance(
        expected, bool
    )


def _ordered(decide: Callable[[Any, Any], bool]) -> Comparison:
    def compare(actual: Any, expected: Any) -> bool:
        comparable = _are_numbers(actual, expected) or _are_texts(actual, expected)
        return comparable and decide(actual, expected)

    return compare


def _length(decide: Callable[[Any, Any], bool]) -> Comparison:
    def compare(actual: Any, expected: Any) -> bool:
        limit = _number_of(expected)
        return limit is not None and isinstance(actual, _SIZED) and decide(len(actual), limit)

    return compare


def _is_number(value: Any) -> bool:
    return isinstance(value, _NUMBERS) and not isinstance(value, bool)


def _are_numbers(actual: Any, expected: Any) -> bool:
    return _is_number(actual) and _is_number(expected)


def _are_texts(actual: Any, expected: Any) -> bool:
    return isinstance(actual, str) and isinstance(expected, str)


def _number_of(value: Any) -> int | float | None:
    """Take a number, or digits in a text, which is how parameter files hold them."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value):
        return int(value)
    return value if _is_number(value) else None


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": lambda value: isinstance(value, float),
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "list": lambda value: isinstance(value, list),
    "dict": lambda value: isinstance(value, dict),
    "None": lambda value: value is None,
    "NoneType": lambda value: value is None,
}

_less = _ordered(lambda actual, expected: actual < expected)
_less_or_equal = _ordered(lambda actual, expected: actual <= expected)
_greater = _ordered(lambda actual, expected: actual > expected)
_greater_or_equal = _ordered(lambda actual, expected: actual >= expected)
_length_equal = _length(lambda size, limit: size == limit)
_length_greater = _length(lambda size, limit: size > limit)
_length_greater_or_equal = _length(lambda size, limit: size >= limit)
_length_less = _length(lambda size, limit: size < limit)
_length_less_or_equal = _length(lambda size, limit: size <= limit)

_BY_NAMES: Mapping[str, Comparison] = {
    "eq equals equal == is": equal,
    "ne not_equal not_equals": not_equal,
    "lt less_than": _less,
    "le less_or_equals less_than_or_equals": _less_or_equal,
    "gt greater_than": _greater,
    "ge greater_or_equals greater_than_or_equals": _greater_or_equal,
    "contains": contains,
    "contained_by": contained_by,
    "str_eq string_equals": string_equals,
    "equal_fold": equal_fold,
    "startswith": startswith,
    "endswith": endswith,
    "regex_match": regex_match,
    "type_match": type_match,
    "len_eq count_eq length_equals length_equal": _length_equal,
    "len_gt count_gt length_greater_than count_greater_than": _length_greater,
    "len_ge count_ge length_greater_or_equals length_greater_than_or_equals "
    "count_greater_than_or_equals": _length_greater_or_equal,
    "len_lt count_lt length_less_than count_less_than": _length_less,
    "len_le count_le length_less_or_equals length_less_than_or_equals "
    "count_less_than_or_equals": _length_less_or_equal,
}

# Names that other tools have for an assertion, and its name here.
_OTHER_NAMES: Mapping[str, str] = {
    "= === ==:": "eq",
    "!= !== <> is_not": "ne",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
    "in": "contained_by",
    "has include includes": "contains",
    "=~ ~= matches": "regex_match",
}

ASSERTIONS: Mapping[str, Comparison] = {
    name: comparison for names, comparison in _BY_NAMES.items() for name in names.split()
}

SIGNS: Mapping[str, str] = {
    sign: name for signs, name in _OTHER_NAMES.items() for sign in signs.split()
}
