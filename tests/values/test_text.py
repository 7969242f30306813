"""Test values as text: they are sent exactly, and shortened in messages."""

from __future__ import annotations

import json
from time import process_time
from typing import Any

import pytest
from boomtalk.engine.errors import StepFailed
from boomtalk.engine.values.numbers import finite, pause
from boomtalk.engine.values.text import presentable, shortened, to_text

from .conftest import nested

# Python prints no integer of more than 4,300 digits, and its JSON nests less than 1,000 levels.
HUGE = 10**4_300
ODD: dict[str, Any] = {
    "infinite": float("inf"),
    "no number": float("nan"),
    "a float too large": "1e999",
    "a word": "soon",
    "nothing": "",
    "null": None,
    "true": True,
    "an integer beyond floats": 10**400,
    "digits beyond Python's limit": "9" * 5_000,
    "an integer beyond Python's limit": HUGE,
    "a list without end": nested(100_000),
    "an integer in a list": [-HUGE],
    "an integer as a name": {HUGE: 1},
    "bytes": b"\xff",
    "an object": object(),
    "a set in a map": {"a": {1, 2}},
    "half a character": "\ud800",
}


@pytest.mark.parametrize(
    "words", ["an integer beyond Python's limit", "a list without end", "an integer in a list"]
)
def test_a_value_without_a_text_fails_the_step(words: str) -> None:
    with pytest.raises(StepFailed) as failure:
        to_text(ODD[words])

    assert failure.value.kind == "template"


@pytest.mark.parametrize("words", ODD)
def test_a_message_takes_any_value(words: str) -> None:
    assert len(shortened(ODD[words])) <= 203


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x" * 200, '"' + "x" * 199 + "..."),
        ([1, "a", None], '[1,"a",null]'),
        ({"a": {"b": [1.5]}}, '{"a":{"b":[1.5]}}'),
        (list(range(1_000)), str(list(range(100))).replace(" ", "")[:200] + "..."),
        ({"k" * 300: 1}, '{"' + "k" * 198 + "..."),
        ("", '""'),
    ],
)
def test_a_message_holds_the_beginning_of_a_value(value: Any, text: str) -> None:
    assert shortened(value) == text


def test_a_message_on_a_large_value_costs_no_more_than_one_on_a_small_one() -> None:
    large = {"rows": [{"text": "x" * 1_000, "n": [1] * 100} for _ in range(20_000)]}
    began_at = process_time()
    for _ in range(100):
        shortened(large)

    # All of it as JSON would be 24 MB each time: seconds, not milliseconds.
    assert process_time() - began_at < 1


def test_what_is_shown_can_always_be_written_as_json() -> None:
    shown = presentable(ODD)

    assert shown["an integer in a list"] == [f"an integer of {HUGE.bit_length()} bits"]
    assert (shown["no number"], shown["bytes"]) == ("nan", "\ufffd")
    assert "[...]" in json.dumps(shown, allow_nan=False)


def test_what_is_shown_of_a_plain_value_is_the_value() -> None:
    value = {"a": [1, 2.5, None, True, "x", {"b": []}], "big": 2**70}

    assert presentable(value) == value


@pytest.mark.parametrize(("value", "number"), [(2, 2.0), ("1.5", 1.5), ("-3", -3.0), (" 7 ", 7.0)])
def test_a_number_and_digits_are_a_number(value: Any, number: float) -> None:
    assert finite(value) == number


@pytest.mark.parametrize("words", ODD)
def test_any_other_value_is_told_not_to_be_a_number(words: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        finite(ODD[words])


@pytest.mark.parametrize("value", [1e300, "1e12", 10**9])
def test_a_pause_that_never_ends_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="too long"):
        pause(value)


def test_a_pause_is_never_negative() -> None:
    assert pause(-3) == 0
