"""Test properties that the expression parser has for any text."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import Any

from boomtalk.engine.case.model import Written
from boomtalk.engine.errors import CaseError, Place, StepFailed
from boomtalk.engine.values.expressions import compile_template
from boomtalk.engine.values.functions import Functions
from hypothesis import given
from hypothesis import strategies as st

SNIPPETS = [
    "$",
    "${",
    "}",
    "(",
    ")",
    "f",
    "g",
    "f(",
    "a",
    ",",
    "'",
    '"',
    "[",
    "]",
    "{",
    "=",
    " ",
    "\\",
    "$$",
    "1",
    "é",
]
NASTY = st.lists(st.sampled_from(SNIPPETS), max_size=25).map("".join) | st.text(max_size=40)
PLAIN = st.text(st.characters(exclude_characters="$", exclude_categories=["Cs"]), max_size=40)


def _run(text: str, scope: dict[str, Any], called: list[str]) -> Any:
    async def call(name: str, args: Any, kwargs: Any) -> Any:
        called.append(name)
        return name

    async def render() -> Any:
        functions = Functions({"f": None, "g": None}, call)
        template = compile_template(Written(text, Place("x.yml")), functions)
        return await template.render_async(scope)

    return asyncio.run(render())


@given(NASTY)
def test_any_text_is_rendered_or_refused_but_never_crashes(text: str) -> None:
    with contextlib.suppress(CaseError, StepFailed):
        _run(text, {"a": 1, "f": 2, "g": 3}, [])


@given(NASTY)
def test_no_function_runs_that_the_author_did_not_call_by_name(text: str) -> None:
    called: list[str] = []
    with contextlib.suppress(CaseError, StepFailed):
        _run(text, {"a": "${g()}", "f": "$f", "g": "${f()}"}, called)

    written_calls = re.findall(r"([A-Za-z_]\w*)\(", text, re.ASCII)
    assert all(called.count(name) <= written_calls.count(name) for name in called)


@given(PLAIN)
def test_text_without_a_dollar_survives_but_for_blanks_around_it(text: str) -> None:
    assert _run(text, {}, []) == text.strip()


@given(PLAIN, PLAIN, st.text(max_size=20))
def test_text_around_an_expression_survives_and_the_value_is_not_read_again(
    before: str, after: str, value: str
) -> None:
    rendered = _run(f"<{before}${{a}}{after}>", {"a": value}, [])

    assert rendered == f"<{before}{value}{after}>"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_doubled_dollars_write_any_text(text: str) -> None:
    assert _run(text.replace("$", "$$"), {}, []) == text.strip()


@given(st.lists(st.text(st.characters(exclude_characters="$", exclude_categories=["Cs"]))))
def test_quoted_arguments_carry_any_text(arguments: list[str]) -> None:
    received: list[Any] = []

    async def call(name: str, args: Any, kwargs: Any) -> Any:
        received.extend(args)

    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    text = f"${{f({', '.join(map(quoted, arguments))})}}"
    template = compile_template(Written(text, Place("x.yml")), Functions({"f": None}, call))

    async def render() -> None:
        await template.render_async({})

    asyncio.run(render())
    assert received == arguments
