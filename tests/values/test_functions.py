"""Test the builtin functions, which every case may call."""

from __future__ import annotations

import asyncio
import random
import re
import time
from pathlib import Path
from typing import Any

import pytest
from boomtalk.engine.case.model import Project
from boomtalk.engine.errors import CaseError, StepFailed
from boomtalk.engine.values.expressions import compile_template
from boomtalk.engine.values.functions import Functions

from .conftest import nested

RESULTS = [
    ("${max(1,2)}", {}, 2),
    ("${max(1, 2.5)}", {}, 2.5),
    ("${max($texts)}", {"texts": ["3", "4"]}, 4),
    ("${min(3, $a)}", {"a": "2"}, 2),
    ("${sum($list)}", {"list": [1, 2.5]}, 3.5),
    ("${len($list)}", {"list": [1, 2]}, 2),
    ("${len(中文)}", {}, 2),
    ("${int(12.9)}", {}, 12),
    ("${int($text)}", {"text": "42"}, 42),
    ("${float(3)}", {}, 3.0),
    ("${str($flag)}", {"flag": True}, "true"),
    ("${abs(-3)}", {}, 3),
    ("${round(2.567, 2)}", {}, 2.57),
    ("${split_by_comma($csv)}", {"csv": "a, b,c"}, ["a", "b", "c"]),
    ("${ENV(SECRET)}", {}, "from .env"),
    ("${environ(NOT_SET_ANYWHERE)}", {}, ""),
]


@pytest.mark.parametrize(("text", "scope", "value"), RESULTS)
def test_builtin_functions_give(render: Any, text: str, scope: dict[str, Any], value: Any) -> None:
    result = render(text, **scope)

    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${max($none, 1)}", 1),
        ("${max($none, -1)}", 0),
        ("${min(, 1)}", 0),
        ("${split_by_comma($none)}", [""]),
        ("${gen_random_string($none)}", ""),
        ("${random_range($none, $none)}", 0),
        ("${ENV($none)}", ""),
    ],
)
def test_null_counts_as_zero_or_an_empty_text(render: Any, text: str, value: Any) -> None:
    assert render(text, none=None) == value


@pytest.mark.parametrize("name", ["int", "float", "abs", "round", "len"])
def test_null_has_no_number(render: Any, name: str) -> None:
    with pytest.raises(StepFailed, match="null"):
        render(f"${{{name}($none)}}", none=None)


def test_md5_is_that_of_the_text_of_its_argument(write: Any) -> None:
    md5 = compile_template(write("${md5(123)} ${md5(abc)}"), Functions())

    assert md5.render({}) == "202cb962ac59075b964b07152d234b70 900150983cd24fb0d6963f7d28e17f72"


def test_md5_of_null_is_that_of_nothing(write: Any) -> None:
    md5 = compile_template(write("${md5($none)}"), Functions())

    assert md5.render({"none": None}) == "d41d8cd98f00b204e9800998ecf8427e"


def test_timestamps_count_milliseconds_or_give_the_digits_asked_for(render: Any) -> None:
    before = time.time_ns() // 1_000_000
    now = render("${get_timestamp()}")

    assert before <= now <= time.time_ns() // 1_000_000
    assert re.fullmatch(r"\d{10}", render("${get_timestamp(10)}"))


def test_the_current_date_takes_a_form(render: Any) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", render("${get_current_date()}"))
    assert re.fullmatch(r"\d\d:\d\d", render("${get_current_date(%H:%M)}"))


def test_random_functions_stay_in_their_range(render: Any) -> None:
    assert re.fullmatch(r"[A-Za-z0-9]{8}", render("${gen_random_string(8)}"))
    assert {render("${random_int(3)}") for _ in range(200)} == {0, 1, 2}
    assert all(2 <= render("${random_range(2, 3)}") <= 3 for _ in range(50))


def test_the_same_seed_gives_the_same_chance(write: Any) -> None:
    def once() -> str:
        functions = Functions(chance=random.Random(42))
        return str(compile_template(write("${gen_random_string(20)}"), functions).render({}))

    assert once() == once()


def test_the_projects_environment_beats_that_of_the_process(
    write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONE", "process")
    monkeypatch.setenv("TWO", "process")
    functions = Functions(project=Project(Path(), None, {"ONE": "project"}))

    assert compile_template(write("${ENV(ONE)} ${ENV(TWO)}"), functions).render({}) == (
        "project process"
    )


def test_sleep_lets_other_users_go_on(write: Any) -> None:
    template = compile_template(write("${sleep(0.05)}"), Functions())

    async def both() -> list[str]:
        order: list[str] = []

        async def sleeper() -> None:
            await template.render_async({})
            order.append("slept")

        async def other() -> None:
            order.append("went on")

        await asyncio.gather(sleeper(), other())
        return order

    assert template.awaits
    assert asyncio.run(both()) == ["went on", "slept"]


@pytest.mark.parametrize(
    "text", ["${max()}", "${md5(1, 2)}", "${sleep()}", "${get_timestamp(1, 2)}"]
)
def test_a_wrong_number_of_arguments_is_told_before_the_run(write: Any, text: str) -> None:
    with pytest.raises(CaseError, match="argument"):
        compile_template(write(text), Functions())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("${random_int(0)}", "random_int(0): empty range"),
        ("${gen_random_string(99999999999)}", "more than 10,000,000 letters"),
        ("${round(1, 9999999999)}", "more than 400 digits"),
        ("${round(1, -9999999999)}", "more than 400 digits"),
        ("${sleep(1e999)}", 'sleep("1e999"): not a number'),
        ("${sleep(999999999)}", "a pause of 1e+09 s is too long"),
        ("${sum([$huge, 1, x])}", "invalid literal"),
        ("${int($huge)}x", "a number cannot be a text"),
        ("${str($deep)}", "nested too deeply"),
        ("${split_by_comma($deep)}", "nested too deeply"),
        ("${max($deep)}", "not a number"),
        ("${multipart_content_type($n)}", "has no attribute"),
        ("${int(x)}", 'int("x"): invalid literal'),
        ("${len($n)}", "len(5): object of type 'int' has no len()"),
        ("${get_timestamp(99)}", "get_timestamp(99): the length is 1 to 16"),
        ("${sleep(soon)}", 'sleep("soon"): not a number'),
        ("${max($flag, 1)}", "max(true, 1): not a number: true"),
        ("x${load_ws_message($zero)}", "cannot be a file"),
    ],
)
def test_a_builtin_function_that_fails_fails_the_step(render: Any, text: str, told: str) -> None:
    with pytest.raises(StepFailed) as failure:
        render(text, n=5, flag=True, zero="a\0b", huge=10**5_000, deep=nested(100_000))

    assert told in failure.value.message
    assert failure.value.kind == "template"


def test_a_multipart_form_and_its_content_type_share_the_boundary(render: Any) -> None:
    form = render("${multipart_encoder($fields)}", fields={"a": "1"})

    assert form.fields == {"a": "1"}
    content_type = render("${multipart_content_type($form)}", form=form)
    assert content_type == f"multipart/form-data; boundary={form.boundary}"


def test_parameterize_reads_rows_below_the_project_root(render: Any, tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("name,age\nbob,3\n", encoding="utf-8")

    assert render("${parameterize(users.csv)}") == [{"name": "bob", "age": "3"}]
    assert render("${P(users.csv)}") == [{"name": "bob", "age": "3"}]


def test_a_websocket_message_is_read_as_bytes(render: Any, tmp_path: Path) -> None:
    (tmp_path / "message.bin").write_bytes(b"\x00\xff")

    assert render("${load_ws_message(message.bin)}") == b"\x00\xff"


def test_a_data_file_outside_the_project_fails_the_step(render: Any) -> None:
    with pytest.raises(StepFailed, match="outside the project folder"):
        render("${P(../../etc/passwd)}")
