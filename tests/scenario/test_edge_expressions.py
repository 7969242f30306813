"""Test edge cases of expressions: the written text, and the sent value."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenario.bench import Bench

from .outcome import case_of, posting, sent, told

# A description -> the written text, the variables, and the sent value.
SENT: dict[str, tuple[Any, dict[str, Any], Any]] = {
    "a name takes all letters, digits and underscores": ("$var_", {"var_": 1}, 1),
    "braces end a name": ("${var}_", {"var": 1}, "1_"),
    "two dollars are one": ("abc$$def", {}, "abc$def"),
    "a dollar and a value": ("$$$a", {"a": 1}, "$1"),
    "two dollars and no value": ("$$$$a", {}, "$$a"),
    "two dollars hide a name": ("$$a", {}, "$a"),
    "a formula with a variable at its end": ("Z:2>1*0*1+1$$$a", {"a": 1}, "Z:2>1*0*1+1$1"),
    "a dollar alone": ("$", {}, "$"),
    "a dollar at the end": ("a$", {}, "a$"),
    "a brace that is not closed": ("${", {}, "${"),
    "empty braces": ("${}", {}, "${}"),
    "a dollar before digits": ("$123", {}, "$123"),
    "blanks in braces": ("${ a }", {"a": 1}, "${ a }"),
    "a brace after a variable": ("ABC$var_1{", {"var_1": "x"}, "ABCx{"),
    "closing and opening braces after a variable": ("$var_1}{a", {"var_1": "x"}, "x}{a"),
    "braces around a variable": ("{ABC$var_1{}a}", {"var_1": "x"}, "{ABCx{}a}"),
    "blanks around a single variable": (" $a ", {"a": 1}, 1),
    "a number at the end of a text": ("var_1$_v", {"_v": 6.9}, "var_16.9"),
    "a map in a text": ("abc$m", {"m": {"a": 1}}, 'abc{"a":1}'),
    "a boolean in a text": ("abc$t", {"t": True}, "abctrue"),
    "null in a text": ("x$nil", {"nil": None}, "xnull"),
    "the larger of two integers": ("${max(1,2)}", {}, 2),
    "a call amid text": ("abc${max($a, 3.45)}123", {"a": 12.3}, "abc12.3123"),
    "an empty argument in the middle": ("${f(1,,2)}", {}, [1, None, 2]),
    "an empty first argument": ("${f(,2)}", {}, [None, 2]),
    "an argument in double quotes": ('${f("a")}', {}, ["a"]),
    "an argument in single quotes": ("${f('a')}", {}, ["a"]),
    "a Chinese argument": ("${f(中)}", {}, ["中"]),
    "an argument with an at sign": ("${f(a@b)}", {}, ["a@b"]),
    "an argument with a colon": ("${f(a:b)}", {}, ["a:b"]),
    "a keyword argument for the project's function": ("${f(b=2)}", {}, [["b", 2]]),
    "an equals sign for a builtin function": ("${str(b=2)}", {}, "b=2"),
    "digits with zeros in front": ("${f(007)}", {}, ["007"]),
    "an integer of twenty digits": (
        "${f(12345678901234567890)}",
        {},
        [12345678901234567890],
    ),
    "a call after a variable": ("$a ${f(1,2)}", {"a": 1}, "1 [1,2]"),
    "the digest of a number": ("${md5(123)}", {}, "202cb962ac59075b964b07152d234b70"),
    "a call in a call": ("${f(${f()})}", {}, [[]]),
    "a call in a call without braces": ("${f(f(1))}", {}, [[1]]),
    "a variable as a key": ({"$var2": 1}, {"var2": 123}, {"123": 1}),
    "keys and values in depth": (
        {"a": {"$k": ["$v", "  x "]}},
        {"k": "key", "v": 1},
        {"a": {"key": [1, "x"]}},
    ),
}


@pytest.mark.parametrize("words", SENT)
def test_what_is_written_is_sent_as(bench: Bench, words: str) -> None:
    written, variables, expected = SENT[words]
    case = case_of(posting({"value": written}), variables=variables)

    assert sent(bench, case) == [{"value": expected}]


TOLD: dict[str, tuple[str, str]] = {
    "a name that nobody defines": ("/api/$UNDEFINED", "$UNDEFINED is not defined"),
    "a function that nobody defines": ("${nowhere()}", "unknown function nowhere"),
    "a call that is not closed": ("${f(1", "f(... is never closed"),
}


@pytest.mark.parametrize("words", TOLD)
def test_what_cannot_be_meant_is_told_before_anything_is_sent(bench: Bench, words: str) -> None:
    written, expected = TOLD[words]

    assert expected in told(bench, case_of(posting(written)))
