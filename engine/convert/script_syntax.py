"""The parts of a script: expressions and statements of the plain subset of JavaScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression."""

    source: str
    flags: str


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """`of.key`, `of["key"]` or `of[0]`."""

    of: Expr
    key: str | int


@dataclass(frozen=True, slots=True)
class Call:
    function: Expr
    arguments: Sequence[Expr]


@dataclass(frozen=True, slots=True)
class Binary:
    sign: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Unary:
    sign: str
    of: Expr


@dataclass(frozen=True, slots=True)
class Function:
    body: Sequence[Statement]


Expr = Literal | Pattern | Name | Member | Call | Binary | Unary | Function


@dataclass(frozen=True, slots=True)
class Do:
    """An expression as a statement."""

    expression: Expr
    text: str


@dataclass(frozen=True, slots=True)
class Let:
    """A declaration or assignment; several `names` take members of a map, by their keys."""

    names: Mapping[str, str | None]
    value: Expr
    text: str


@dataclass(frozen=True, slots=True)
class Store:
    """An assignment to a member."""

    target: Member
    value: Expr
    text: str


@dataclass(frozen=True, slots=True)
class If:
    """A block with its condition, which is None for a `try` block."""

    condition: Expr | None
    body: Sequence[Statement]
    otherwise: Sequence[Statement]
    text: str


@dataclass(frozen=True, slots=True)
class Other:
    """A statement that is not understood."""

    text: str


Statement = Do | Let | Store | If | Other
