"""This module makes rows once from `config.parameters` and deals one per iteration."""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Collection, Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from ..case.model import Case, ParameterGroup
from ..case.nodes import DEEPEST
from ..case.parameters import named_row, row_problems
from ..errors import CaseError, Problem, StepFailed
from .data import DataError, read_rows
from .expressions import Scope, Template, compile_template
from .extraction import marked_cell
from .functions import Functions

_DATA_FILES = (".csv", ".json", ".yml", ".yaml")


class RowsExhausted(Exception):
    """Every row of a `unique` group was dealt; the load ends here."""


class Parameters(Struct, frozen=True):
    """The compiled parameters of a case; `rows` makes the rows."""

    groups: tuple[tuple[ParameterGroup, Template], ...]
    limit: int
    functions: Functions

    async def rows(self, scope: Scope, *, recycles: bool = False) -> Rows:
        """Evaluate lists and expressions in the config's scope; raises CaseError if they fail."""
        made: list[Dealt] = []
        problems: list[Problem] = []
        for group, template in self.groups:
            try:
                rows = self._fitting(group, await template.render_async(scope))
                if template.constant and isinstance(template.value, list):
                    rows = [tuple(map(marked_cell, row)) for row in rows]
                made.append(Dealt(group, rows))
            except (DataError, StepFailed) as error:
                problems.append(Problem(group.rows.place, str(error)))
            except CaseError as error:
                problems.extend(error.problems)
        if problems:
            raise CaseError(problems)
        return Rows(tuple(made), self.limit, self.functions.chance, recycles=recycles)

    def _fitting(self, group: ParameterGroup, rows: Any) -> list[tuple[Any, ...]]:
        if isinstance(rows, str) and Path(rows).suffix.lower() in _DATA_FILES:
            rows = read_rows(self.functions.project.root, rows)
        if problems := row_problems(group, rows):
            raise CaseError(problems)
        # Each iteration gets its own copy of a row, and Python copies no deep one.
        if _depth(rows) > DEEPEST:
            what = f"a value is nested deeper than {DEEPEST} levels"
            raise CaseError([Problem(group.rows.place, what)])
        return [tuple(named_row(group.names, row).values()) for row in rows]


def compile_parameters(case: Case, functions: Functions, names: Collection[str] = ()) -> Parameters:
    """Compile `config.parameters`; raises CaseError with every problem found.

    A group's rows are a list, an expression that gives one, or the name of a data file. `names`
    are those that the config is known to give.
    """
    groups: list[tuple[ParameterGroup, Template]] = []
    problems: list[Problem] = []
    for group in case.config.parameters:
        try:
            groups.append((group, compile_template(group.rows, functions, names)))
        except CaseError as error:
            problems.extend(error.problems)
    if problems:
        raise CaseError(problems)
    return Parameters(tuple(groups), case.config.parameters_limit, functions)


class Dealt(Struct):
    """One group with its rows as tuples in the order of its names, and how often each was used."""

    group: ParameterGroup
    rows: Sequence[tuple[Any, ...]]
    used: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.used = [0] * len(self.rows)

    def row(self, index: int) -> dict[str, Any]:
        """Return a row that nobody else holds."""
        self.used[index] += 1
        values = map(_own, self.rows[index])
        return dict(zip(self.group.names, values, strict=True))


class Rows:
    """Deals rows by the rule of each group.

    Sequential groups form one product, the last group changing fastest, and start again at its
    end; a random group is drawn anew for each row, with replacement; a unique group deals each
    of its rows once and then ends the load, or starts again if it `recycles`. `share` splits all
    of this between several engines.
    """

    def __init__(
        self,
        groups: Sequence[Dealt],
        limit: int = 0,
        chance: random.Random | None = None,
        *,
        first: int = 0,
        every: int = 1,
        recycles: bool = False,
    ) -> None:
        self.groups = tuple(groups)
        self.limit = limit
        self.recycles = recycles
        self._chance = chance or random.Random()
        self._product = [one for one in groups if one.group.pick_order == "sequential"]
        self._first, self._every = first, every
        self._turn = count(first, every)

    def __len__(self) -> int:
        """How many rows a functional run goes through: the limit, else the product."""
        once = [len(one.rows) for one in self.groups if one.group.pick_order == "unique"]
        if self._product or not once:
            wanted = self.limit or math.prod(len(one.rows) for one in self._product)
        else:
            wanted = self.limit or min(once)
        return min([wanted, *once])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Deal the rows of a functional run; without parameters that is one empty row."""
        return islice(iter(self.next_row, None), len(self))

    def share(self, index: int, of: int) -> Rows:
        """Return the part that one of several engines deals; together they deal each row once."""
        return Rows(
            [Dealt(one.group, one.rows) for one in self.groups],
            self.limit,
            self._chance,
            first=index,
            every=of,
            recycles=self.recycles,
        )

    @property
    def most(self) -> int | None:
        """How many rows can be dealt here at all; None where there is no end."""
        once = [len(one.rows) for one in self.groups if one.group.pick_order == "unique"]
        if self.recycles or not once:
            return None
        return len(range(self._first, min(once), self._every))

    def next_row(self) -> dict[str, Any]:
        """Deal the next row; raises RowsExhausted when a unique group has none left."""
        turn = next(self._turn)
        return {
            name: value for one, at in self._places(turn) for name, value in one.row(at).items()
        }

    def _places(self, turn: int) -> Iterator[tuple[Dealt, int]]:
        index = turn
        for one in reversed(self._product):
            index, at = divmod(index, len(one.rows))
            yield one, at
        for one in self.groups:
            if one.group.pick_order == "random":
                yield one, self._chance.randrange(len(one.rows))
            elif one.group.pick_order == "unique":
                if turn >= len(one.rows) and not self.recycles:
                    names = "-".join(one.group.names)
                    raise RowsExhausted(f"all {len(one.rows)} rows of {names} were used")
                yield one, turn % len(one.rows)


def _depth(value: Any) -> int:
    """Return how deep lists and maps are nested, or a little more than may be."""
    level, depth = [value], 0
    while level and depth <= DEEPEST:
        parts = [one.values() if isinstance(one, dict) else one for one in level]
        level = [item for part in parts for item in part if isinstance(item, list | dict)]
        depth += 1
    return depth


def _own(value: Any) -> Any:
    return copy.deepcopy(value) if isinstance(value, list | dict) else value
