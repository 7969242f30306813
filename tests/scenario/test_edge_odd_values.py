"""Test unusual values: each fails at most its step, and the message describes it."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from boomtalk.engine import Load

from tests.functional.servers import json_answer
from tests.scenario.bench import Bench, assert_balanced, errors_of, rows_of

from .outcome import case_of, posting, sent

# JSON nests as deep as the decoder takes it; its items cannot be compared. Python makes a text of
# it since 3.12, which counts the calls of C code apart.
DEEP = b"[" * 990 + b"]" * 990
HAS_TEXT = sys.version_info >= (3, 12)
ODD = {
    b"/deep": json_answer(b'{"v": ' + DEEP + b"}"),
    b"/infinite": json_answer(b'{"v": "1e999"}'),
    b"/huge": json_answer(b'{"v": 1e300}'),
    b"/digits": json_answer(b'{"v": ' + b"9" * 4_300 + b"}"),
    b"/word": json_answer(b'{"v": "soon"}'),
    b"/null": json_answer(b'{"v": null}'),
    b"/": json_answer(b"{}"),
}


def take(name: str) -> dict[str, Any]:
    request = {"method": "GET", "url": f"/{name}"}
    return {"name": "take", "request": request, "extract": {"v": "body.v"}}


# What the next step does with the value, and how that fails.
FAILS: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "a pause": (
        {"think_time": "$v"},
        dict.fromkeys(("deep", "infinite", "huge", "digits", "word", "null"), "template"),
    ),
    "a repetition": (
        posting(1, loops="$v"),
        dict.fromkeys(("deep", "infinite", "huge", "digits", "word", "null"), "template"),
    ),
    "a text": (
        posting("x$v"),
        {} if HAS_TEXT else {"deep": "template"},
    ),
    "a sum": (
        posting("x${sum([$v, 1])}"),
        dict.fromkeys(("deep", "digits", "word", "null"), "template"),
    ),
    "a check": (
        posting(1, validate=[{"str_eq": ["$v", "x"]}]),
        dict.fromkeys(("deep", "infinite", "huge", "digits", "word", "null"), "check"),
    ),
    "a late pattern": (
        posting(1, validate=[{"regex_match": ["body", "(a$v"]}]),
        dict.fromkeys(("infinite", "huge", "digits", "word", "null"), "check")
        | {"deep": "check" if HAS_TEXT else "template"},
    ),
    "a late search": (
        posting(1, extract={"w": "body[$v"}),
        dict.fromkeys(("infinite", "huge", "digits", "word", "null"), "extract")
        | {"deep": "extract" if HAS_TEXT else "template"},
    ),
    "a pause of a function": (
        posting(1, setup_hooks=["${sleep($v)}"]),
        dict.fromkeys(("deep", "infinite", "huge", "digits", "word"), "template"),
    ),
    "a text as long as it says": (
        posting("${gen_random_string($v)}"),
        dict.fromkeys(("deep", "infinite", "huge", "digits", "word"), "template"),
    ),
}
CASES = [(words, name, kind) for words, (_, kinds) in FAILS.items() for name, kind in kinds.items()]


@pytest.mark.parametrize(("words", "name", "kind"), CASES)
def test_a_value_that_is_none_fails_the_step_that_uses_it(
    bench: Bench, words: str, name: str, kind: str
) -> None:
    step = {**FAILS[words][0], "name": "use"}
    outcome, _ = bench.load(case_of(take(name), step), ODD, Load(iterations=3))

    assert rows_of(outcome)["take"] == (3, 3, 0, 0)
    assert {told for told, _, _ in errors_of(outcome)} == {kind}
    assert sum(count for _, _, count in errors_of(outcome)) == 3
    assert_balanced(outcome)


@pytest.mark.parametrize("name", ["deep", "infinite", "digits"])
def test_a_value_of_any_kind_is_a_reason_to_skip(bench: Bench, name: str) -> None:
    outcome, server = bench.load(
        case_of(take(name), posting(1, skip="$v")), ODD, Load(iterations=2)
    )

    assert len(server.asked) == 2
    assert errors_of(outcome) == []


# HttpRunner's cases are YAML 1.1 for its Python engine, in which these are false.
@pytest.mark.parametrize(
    "word", ["no", "No", "NO", "off", "OFF", "n", "N", "false", "FALSE", " no ", "", False, None]
)
@pytest.mark.parametrize("where", ["written", "in a variable"])
def test_a_word_of_no_skips_nothing(bench: Bench, word: Any, where: str) -> None:
    step = posting(1, skip=word) if where == "written" else posting(1, skip="$w")

    assert len(sent(bench, case_of(step, variables={"w": word}))) == 1


@pytest.mark.parametrize("reason", ["yes", "not yet", "none", "nope", "no server", True, 5, [0]])
def test_any_other_text_is_a_reason(bench: Bench, reason: Any) -> None:
    steps = posting(1, skip=reason), posting(2, skip="$r")

    assert sent(bench, case_of(*steps, variables={"r": reason})) == []


def test_what_is_told_of_an_odd_value_is_short(bench: Bench) -> None:
    step = {"name": "pause", "think_time": "$v"}
    outcome, _ = bench.load(case_of(take("digits"), step), ODD)
    (error,) = outcome.snapshot.errors

    assert error.message == 'not a number: "an integer of 14285 bits"'
