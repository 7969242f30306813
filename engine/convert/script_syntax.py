"""The parts of a script: expressions and statements of the plain subset of JavaScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct


class Literal(Struct, frozen=True):
    value: Any


class Pattern(Struct, frozen=True):
    """A regular expression."""

    source: str
    flags: str


class Name(Struct, frozen=True):
    name: str


class Member(Struct, frozen=True):
    """`of.key`, `of["key"]` or `of[0]`."""

    of: Expr
    key: str | int


class Call(Struct, frozen=True):
    function: Expr
    arguments: Sequence[Expr]


class Binary(Struct, frozen=True):
    sign: str
    left: Expr
    right: Expr


class Unary(Struct, frozen=True):
    sign: str
    of: Expr


class Function(Struct, frozen=True):
    body: Sequence[Statement]


Expr = Literal | Pattern | Name | Member | Call | Binary | Unary | Function


class Do(Struct, frozen=True):
    """An expression as a statement."""

    expression: Expr
    text: str


class Let(Struct, frozen=True):
    """A declaration or assignment; several `names` take members of a map, by their keys."""

    names: Mapping[str, str | None]
    value: Expr
    text: str


class Store(Struct, frozen=True):
    """An assignment to a member."""

    target: Member
    value: Expr
    text: str


class If(Struct, frozen=True):
    """A block with its condition, which is None for a `try` block."""

    condition: Expr | None
    body: Sequence[Statement]
    otherwise: Sequence[Statement]
    text: str


class Other(Struct, frozen=True):
    """A statement that is not understood."""

    text: str


Statement = Do | Let | Store | If | Other
