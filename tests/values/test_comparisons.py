"""Test every assertion with values of all types on both sides."""

from __future__ import annotations

import pytest
from boomtalk.engine.values.comparisons import ASSERTIONS

# Names of HttpRunner 1 to 4: get_uniform_comparator of parser.py and response.py, assertion.go.
NAMES = {
    "eq": ["equals", "equal", "==", "is"],
    "ne": ["not_equal", "not_equals"],
    "lt": ["less_than"],
    "le": ["less_or_equals", "less_than_or_equals"],
    "gt": ["greater_than"],
    "ge": ["greater_or_equals", "greater_than_or_equals"],
    "str_eq": ["string_equals"],
    "len_eq": ["length_equals", "length_equal", "count_eq"],
    "len_gt": ["count_gt", "length_greater_than", "count_greater_than"],
    "len_ge": [
        *("count_ge", "length_greater_or_equals", "length_greater_than_or_equals"),
        "count_greater_than_or_equals",
    ],
    "len_lt": ["count_lt", "length_less_than", "count_less_than"],
    "len_le": [
        *("count_le", "length_less_or_equals", "length_less_than_or_equals"),
        "count_less_than_or_equals",
    ],
}
HOLD = {
    "eq": [
        (1, 1.0), (1.0, 1), ("a", "a"), (None, None), (True, True), ([1, 2], [1.0, 2]),
        ({"a": [1]}, {"a": [1]}), (2**70, 2**70), ("", ""),
    ],
    "lt": [(1, 2), (1, 1.5), (9.5, 10), ("a", "b"), ("10", "9")],
    "le": [(1, 1.0), (9.5, 10), ("a", "a")],
    "gt": [(2, 1), (1.5, 1), ("b", "a")],
    "ge": [(1.0, 1), ("b", "b")],
    "contains": [("hello", "ell"), ([1, 2], 2.0), ([{"a": 1}], {"a": 1}), ({"k": 1}, "k")],
    "contained_by": [(200, [200, 201]), (200, [200.0]), ("a", "abc"), ("k", {"k": 1})],
    "str_eq": [(1, "1"), (1.0, "1"), (True, "true"), (None, "null"), ([1], "[1]"), ("a", "a")],
    "equal_fold": [("ABC", "abc"), ("Straße", "STRASSE")],
    "startswith": [("hello", "he"), (200, "20"), (200, 2)],
    "endswith": [("hello", "lo"), (200, "00")],
    "regex_match": [
        ("abc123", "c1"), (200, "^2"), ("x", ""), ({"a": 1}, '"a"'), ("1", 1), (200, 20),
        (9.5, 9.5),
    ],
    "len_eq": [("中文", 2), ([1, 2], 2), ({"a": 1}, 1), ("abc", "3"), ("", 0)],
    "len_gt": [("abc", 2), ([1], 0)],
    "len_ge": [("abc", 3), ([1], 1)],
    "len_lt": [("abc", 4), ([], 1)],
    "len_le": [("abc", 3), ({}, 0)],
    "type_match": [
        (1, "int"), ("x", "str"), (1.5, "float"), (True, "bool"), ([1], "list"), ({}, "dict"),
        (None, "None"), (None, "NoneType"), (None, None), (7, 1), ("x", "example"),
        ([1], []), (False, True),
    ],
}  # fmt: skip
FAIL = {
    "eq": [
        (1, 1.9), (1.9, 1), ("200", 200), (200, "200"), (True, 1), (0, False), (None, 0),
        ([1, 2], [2, 1]), ([1], [1, 1]), ({"a": 1}, {"a": True}), ({"a": 1}, {}), ("a", 97),
        ([True], [1]), ([0], [False]), ([1], "1"), ([1], None), ({}, []), ({"a": 1}, {"b": 1}),
    ],
    "lt": [(2, 1), (1, "2"), (None, 1), (True, 2), ([1], [2]), (1, 1)],
    "le": [(2, 1), (None, None), ("1", 2)],
    "gt": [(1, 2), (1, 1.0), (None, 0), ("2", 1)],
    "ge": [(1, 2), (True, True)],
    "contains": [("hello", 1), (None, "a"), (5, 5), ([True], 1), ({"k": 1}, "v")],
    "contained_by": [(200, []), (200, "200"), (None, None), (True, [1])],
    "str_eq": [("123.0", 123.0), (None, ""), (True, "True")],
    "equal_fold": [("a", "b"), (1, 1), (None, None)],
    "startswith": [("hello", "lo"), (None, "n")],
    "endswith": [("hello", "he"), (None, "l")],
    "regex_match": [
        ("abc", "^b"), ("a\nb", "a.b"), (None, "n"), ("2", 1), ("null", None), ("1", [1]),
    ],
    "len_eq": [("中文", 6), (5, 1), (None, 0), ("abc", 3.9), ("abc", "x"), ("a", True)],
    "len_gt": [("abc", 3), (None, 0), ("abc", None)],
    "len_ge": [("abc", 4), (7, 1)],
    "len_lt": [("abc", 3), (None, 1)],
    "len_le": [("abc", 2), (None, 1)],
    "type_match": [
        (True, "int"), (1, "str"), (1, "float"), ("1", 1), (None, "str"), (1, None), (1, True),
        (1, "NoneType"),
        (True, 1), ([], {}),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "actual", "expected"), [(n, *pair) for n, pairs in HOLD.items() for pair in pairs]
)
def test_an_assertion_holds(name: str, actual: object, expected: object) -> None:
    assert ASSERTIONS[name](actual, expected)


@pytest.mark.parametrize(
    ("name", "actual", "expected"), [(n, *pair) for n, pairs in FAIL.items() for pair in pairs]
)
def test_an_assertion_fails(name: str, actual: object, expected: object) -> None:
    assert not ASSERTIONS[name](actual, expected)


@pytest.mark.parametrize(("actual", "expected"), [*HOLD["eq"], *FAIL["eq"]])
def test_not_equal_is_the_opposite_of_equal(actual: object, expected: object) -> None:
    assert ASSERTIONS["ne"](actual, expected) is not ASSERTIONS["eq"](actual, expected)


@pytest.mark.parametrize(("name", "aliases"), NAMES.items())
def test_aliases_mean_the_same(name: str, aliases: list[str]) -> None:
    assert all(ASSERTIONS[alias] is ASSERTIONS[name] for alias in aliases)


def test_every_assertion_is_tried_both_ways() -> None:
    tried = {*HOLD, "ne", *(alias for aliases in NAMES.values() for alias in aliases)}

    assert tried == set(ASSERTIONS)
    assert set(FAIL) == set(HOLD)
