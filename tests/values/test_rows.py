"""Test how parameter rows are made, and in which order they are used."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from boomtalk.engine.case.loader import load_cases
from boomtalk.engine.case.model import Project
from boomtalk.engine.errors import CaseError
from boomtalk.engine.values.functions import Functions
from boomtalk.engine.values.rows import Rows, RowsExhausted, compile_parameters


async def _plugin(name: str, args: Any, kwargs: Any) -> Any:
    return [{"user": "p1", "extra": 1}, {"user": "p2"}]


@pytest.fixture
def rows(tmp_path: Path) -> Any:
    """Make the rows of a case whose config contains the given text."""

    def rows(config: str, **scope: Any) -> Rows:
        path = tmp_path / "case.yml"
        path.write_text(f"config:\n{config}\nteststeps: []\n", encoding="utf-8")
        case = load_cases([path]).cases[0]
        project = Project(tmp_path, None, {})
        functions = Functions({"users": None}, _plugin, project, random.Random(3))
        return asyncio.run(compile_parameters(case, functions).rows(scope))

    return rows


PRODUCT = "  parameters: {a: [1, 2], b-c: [[x, 3], {b: y, c: 4, other: 5}]}"


def test_groups_form_a_product_with_the_last_changing_fastest(rows: Any) -> None:
    assert list(rows(PRODUCT)) == [
        {"a": 1, "b": "x", "c": 3},
        {"a": 1, "b": "y", "c": 4},
        {"a": 2, "b": "x", "c": 3},
        {"a": 2, "b": "y", "c": 4},
    ]


def test_no_parameters_are_one_empty_row_and_endless_ones_under_load(rows: Any) -> None:
    made = rows("  name: x")

    assert list(made) == [{}]
    assert [made.next_row() for _ in range(3)] == [{}, {}, {}]


@pytest.mark.parametrize(
    ("setting", "length"),
    [
        ("", 4),
        ("{limit: 3}", 3),
        ("{limit: 9}", 9),
        ("{limit: 0}", 4),
        ("{limit: -1}", 4),
        ("{pick_order: random}", 1),
        ("{pick_order: random, limit: 7}", 7),
        ("{strategies: {a: {pick_order: random}}}", 2),
        ("{strategies: {a: {pick_order: unique}}}", 2),
        ("{pick_order: unique}", 2),
        ("{pick_order: unique, limit: 1}", 1),
        ("{pick_order: unique, limit: 9}", 2),
    ],
)
def test_a_functional_run_goes_through_so_many_rows(rows: Any, setting: str, length: int) -> None:
    made = rows(f"{PRODUCT}\n  parameters_setting: {setting}")

    assert len(list(made)) == length


def test_rows_start_again_at_their_end(rows: Any) -> None:
    made = rows("  parameters: {a: [1, 2]}\n  parameters_setting: {limit: 5}")

    assert [row["a"] for row in made] == [1, 2, 1, 2, 1]


def test_under_load_rows_wrap_without_an_end(rows: Any) -> None:
    made = rows(PRODUCT)
    dealt = Counter(str(made.next_row()) for _ in range(400))

    assert set(dealt.values()) == {100}


def test_random_groups_are_drawn_by_the_seed(rows: Any) -> None:
    config = "  parameters: {a: [1, 2, 3]}\n  parameters_setting: {pick_order: random}"
    first, second = (
        [made.next_row()["a"] for _ in range(60)] for made in (rows(config), rows(config))
    )

    assert first == second
    assert set(first) == {1, 2, 3}


def test_each_unique_row_is_dealt_once_then_the_end_is_told(rows: Any) -> None:
    made = rows("  parameters: {u: [a, b, c]}\n  parameters_setting: {pick_order: unique}")

    assert [made.next_row()["u"] for _ in range(3)] == ["a", "b", "c"]
    with pytest.raises(RowsExhausted, match="all 3 rows of u were used"):
        made.next_row()


def test_a_unique_group_goes_beside_the_product(rows: Any) -> None:
    config = (
        "  parameters: {a: [1, 2], u: [x, y, z]}\n  parameters_setting: {strategies: {u: unique}}"
    )

    assert [(row["a"], row["u"]) for row in rows(config)] == [(1, "x"), (2, "y")]


def _drain(rows: Rows) -> list[Any]:
    dealt = []
    while True:
        try:
            dealt.append(rows.next_row()["u"])
        except RowsExhausted:
            return dealt


def test_shares_together_deal_each_row_once(rows: Any) -> None:
    config = "  parameters: {u: [1, 2, 3, 4, 5]}\n  parameters_setting: {pick_order: unique}"
    made = rows(config)

    assert _drain(made.share(0, 2)) == [1, 3, 5]
    assert _drain(made.share(1, 2)) == [2, 4]


def test_rows_are_never_shared_between_users(rows: Any) -> None:
    made = rows("  parameters: {a: [{a: {n: [1]}}]}")
    made.next_row()["a"]["n"].append(2)

    assert made.next_row() == {"a": {"n": [1]}}


def test_null_is_a_value(rows: Any) -> None:
    assert [row["a"] for row in rows("  parameters: {a: [null, 1]}")] == [None, 1]


def test_rows_come_from_a_data_file(rows: Any, tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("user,pass,more\nbob,$p,1\namy,q,2\n", encoding="utf-8")
    expected = [{"user": "bob", "pass": "$p"}, {"user": "amy", "pass": "q"}]

    assert list(rows("  parameters: {user-pass: '${P(users.csv)}'}")) == expected
    assert list(rows("  parameters: {user-pass: users.csv}")) == expected


def test_rows_come_from_a_plugin_function_and_from_variables(rows: Any) -> None:
    assert [row["user"] for row in rows("  parameters: {user: '${users()}'}")] == ["p1", "p2"]
    assert [row["n"] for row in rows("  parameters: {n: $numbers}", numbers=[1, 2])] == [1, 2]


def test_expressions_in_a_written_list_are_evaluated_in_the_config(rows: Any) -> None:
    assert [row["a"] for row in rows("  parameters: {a: [$x, 'n$x']}", x=1)] == [1, "n1"]


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ("  parameters: {a: $rows}", "empty list"),
        ("  parameters: {a: text}", "must be a list"),
        ("  parameters: {a: '${P(nope.csv)}'}", "no such file"),
        ("  parameters: {a: nope.csv}", "no such file"),
        ("  parameters: {a: ../x.csv}", "outside the project folder"),
        ("  parameters: {a-b: '${users()}'}", "row 1: no value for a, b"),
        ("  parameters: {a: $missing}", "not defined"),
        ("  parameters: {a: '${nope()}'}", "unknown function"),
        ("  parameters: {a: [$x, '${nope()}']}", "unknown function"),
    ],
)
def test_rows_that_cannot_be_made_are_told_with_their_line(
    rows: Any, config: str, told: str
) -> None:
    with pytest.raises(CaseError, match=told) as error:
        rows(config, rows=[])

    assert error.value.problems[0].place.line == 2


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("user,password", r"no value for passwd, only for user, password; did you mean password\?"),
        ("user;password", "save the file with commas between its cells, not ';'"),
        ("user,age", "no value for passwd, only for user, age$"),
    ],
)
def test_a_misspelt_column_gets_a_suggestion(
    rows: Any, tmp_path: Path, header: str, told: str
) -> None:
    cells = header.replace("user", "amy")
    (tmp_path / "a.csv").write_text(f"{header}\n{cells}\n", encoding="utf-8")

    with pytest.raises(CaseError, match=told):
        rows("  parameters: {user-passwd: '${P(a.csv)}'}")
