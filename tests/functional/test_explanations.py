"""Test the notes of `boomtalk run` that explain a step, such as a search without a result."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from boomtalk.engine.functional.html_report import html_of
from boomtalk.engine.functional.screen import RunScreen
from boomtalk.engine.functional.summary import json_of, summary_of
from boomtalk.engine.output.masking import Mask
from rich.console import Console

from tests.scenario.bench import Bench
from tests.scenario.outcome import case_of, posting

from .servers import json_answer

JSON = b"Content-Type: application/json"


@pytest.fixture
def bench(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.chdir(tmp_path)
    return Bench(tmp_path)


def shown(bench: Bench, answer: bytes, **around: Any) -> list[str]:
    """Return the lines of a run of one step that is answered so, without those of a dump."""
    results, _ = bench.run(case_of(posting(1, **around)), {b"/": answer})
    out = io.StringIO()
    screen = RunScreen(Console(file=out, width=200), Mask())
    for trace in results.rows[0].traces:
        screen.step(trace)
    lines = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    return [line for line in lines if not line.startswith((">", "<", "curl"))]


@pytest.mark.parametrize("status", [b"200 OK", b"404 Not Found", b"503 Busy"])
def test_the_line_of_a_step_holds_its_status(bench: Bench, status: bytes) -> None:
    (line,) = shown(bench, json_answer(b"{}", status=status))

    assert line.split()[:3] == ["ok", "s", status[:3].decode()]


def test_an_extraction_that_finds_nothing_is_explained_also_where_the_step_passes(
    bench: Bench,
) -> None:
    body = json_answer(b'{"data": {"id": 1}}', JSON)
    lines = shown(bench, body, extract={"token": "body.token", "id": "body.data.id"})

    assert lines[0].startswith("ok s 200")
    assert lines[1:] == [
        "token = null: body.token found nothing in the response (has: data)",
    ]


def test_a_check_of_what_is_not_there_says_where_the_search_ended(bench: Bench) -> None:
    body = json_answer(b'{"data": {"id": 1}}', JSON)
    lines = shown(bench, body, validate=[{"eq": ["body.data.token", "abc"]}])

    assert lines[1:5] == [
        "check body.data.token eq",
        'expected "***"',
        "actual null",
        "body.data.token found nothing in the response (body.data has: id)",
    ]


@pytest.mark.parametrize("value", ["null", '""', "[]", "{}"])
def test_what_is_empty_is_not_masked(bench: Bench, value: str) -> None:
    body = json_answer(b'{"token": %b}' % value.encode(), JSON)
    lines = shown(bench, body, validate=[{"eq": ["body.token", "abc"]}])

    assert f"actual {value}" in lines


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"a": 1', "the body says it is JSON and cannot be read: "),
        (b"<html>", "the body says it is JSON and cannot be read: "),
    ],
)
def test_a_body_that_says_it_is_json_and_is_not_is_told(
    bench: Bench, body: bytes, told: str
) -> None:
    lines = shown(bench, json_answer(body, JSON), extract={"a": "body.a"})

    assert lines[1].startswith(told)
    assert len(lines[1]) > len(told)
    assert lines[2] == "a = null: body.a found nothing in the response (body is a text)"


def test_a_text_is_not_told_to_be_no_json(bench: Bench) -> None:
    assert len(shown(bench, json_answer(b"<html>", b"Content-Type: text/html"))) == 1


def test_files_say_the_same(bench: Bench) -> None:
    step = posting(1, extract={"t": "body.t"}, validate=[{"eq": ["body.u", 1]}])
    results, _ = bench.run(case_of(step), {b"/": json_answer(b"{}", JSON)})
    summary = summary_of(results, "0", Mask())
    (record,) = summary["details"][0]["records"]

    note = "t = null: body.t found nothing in the response (body is an empty map)"
    assert record["notes"] == [note]
    assert record["data"]["validators"][0]["note"].startswith("body.u found nothing")
    page = html_of(summary).decode()
    assert note in page
    assert "body.u found nothing" in page
    assert "request, 200," in page


# JSON as deep as the decoder takes it, and an integer as long as Python prints, plus one digit.
@pytest.mark.parametrize(
    "body", [b'{"a":' * 500 + b"1" + b"}" * 500, b"[" * 1_000 + b"]" * 1_000, b"9" * 4_300]
)
def test_a_body_of_any_depth_and_length_is_shown_and_written(bench: Bench, body: bytes) -> None:
    steps = [
        posting(1, extract={"v": "body", "w": "${sum([$v, 1])}"})
        if body.startswith(b"9")
        else posting(1, extract={"v": "body"}),
        posting(2, validate=[{"eq": ["$v", "x"]}]),
    ]
    results, _ = bench.run(case_of(*steps), {b"/": json_answer(body, JSON)}, keeps_going=True)
    screen = RunScreen(Console(file=io.StringIO(), width=200), Mask(), verbose=True)
    for trace in results.rows[0].traces:
        screen.step(trace)
    summary = summary_of(results, "0", Mask())

    assert [trace.passed for trace in results.rows[0].traces] == [True, False]
    assert json.loads(json_of(summary))["success"] is False
    assert html_of(summary)
