"""Read what a Postman script checks, keeps and sets; everything else is left, to be told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct, field

from .draft import Check
from .postman_checks import Checks
from .postman_comparisons import NotPlain
from .postman_values import Constant, Known, Part, Value, dotted
from .script_parser import parse
from .script_syntax import (
    Call,
    Do,
    Expr,
    Function,
    If,
    Let,
    Literal,
    Member,
    Other,
    Statement,
    Store,
)
from .script_tokens import Unreadable

_LONGEST = 70
_SILENT = ("console.", "pm.visualizer.", "postman.clear")


class Script(Struct):
    """The meaning of a script: searches and constants by name of a variable, and the rest."""

    checks: list[Check] = field(default_factory=list)
    extract: dict[str, str] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


def read_script(text: str) -> Script:
    """Return the meaning of a script."""
    script = Script()
    try:
        _Reader(script, {}).run(parse(text))
    except (Unreadable, RecursionError):
        return Script(left=[_shown(text)])
    return script


class _Reader(Struct):
    """Goes through statements; `names` are what the script has declared up to there."""

    script: Script
    names: dict[str, Value | None]

    @property
    def known(self) -> Known:
        return Known(self.names)

    def run(self, statements: Iterable[Statement]) -> None:
        for statement in statements:
            try:
                self._statement(statement)
            except NotPlain:
                self.script.left.append(_shown(statement.text))

    def _statement(self, statement: Statement) -> None:
        match statement:
            case Do(expression, _):
                self._do(expression)
            case Let(names, value, _):
                self._let(names, value)
            case Store(target, value, _):
                self._store(target, value)
            case If():
                self._if(statement)
            case Other():
                raise NotPlain

    def _do(self, expression: Expr) -> None:
        if isinstance(expression, Call) and dotted(expression.function).startswith(_SILENT):
            return
        if isinstance(expression, Literal):
            return
        if assigned := self.known.assigned(expression):
            self._keep(*assigned)
        elif body := _tested(expression):
            self._within(self.script).run(body)
        else:
            self.script.checks += Checks(self.known).of(expression)

    def _keep(self, name: str, value: Expr) -> None:
        found = self.known.unwrapped(value)
        if isinstance(found, Part) and not found.is_reason:
            self.script.extract[name] = "body" if found.is_text else found.path
        elif isinstance(found, Constant):
            self.script.constants[name] = found.value
        else:
            raise NotPlain

    def _let(self, names: Any, value: Expr) -> None:
        found = self.known.value(value) or self.known.condition(value)
        for name, key in names.items():
            self.names[name] = found
            if key is not None:
                self.names[name] = found.member(key) if isinstance(found, Part) else None
        if found is None and not isinstance(value, Function):
            raise NotPlain

    def _store(self, target: Member, value: Expr) -> None:
        if dotted(target.of) != "tests":
            raise NotPlain
        self.script.checks += Checks(self.known).condition(value)

    def _if(self, statement: If) -> None:
        """Keep what a block keeps, whatever its condition; its checks hold only sometimes."""
        handler, inner = Script(), Script()
        self._within(handler).run(statement.otherwise)
        if statement.condition is None or self._holds(statement.condition):
            self.run(statement.body)
            if statement.condition is None and handler != Script():
                raise NotPlain
            return
        self._within(inner).run(statement.body)
        self.script.extract |= inner.extract if not handler.extract else {}
        raise NotPlain

    def _holds(self, condition: Expr) -> bool:
        """Return whether a condition always holds, because the script checks it."""
        try:
            checks = Checks(self.known).condition(condition)
        except NotPlain:
            return False
        return all(check in self.script.checks for check in checks)

    def _within(self, script: Script) -> _Reader:
        return _Reader(script, dict(self.names))


def _tested(expression: Expr) -> Sequence[Statement] | None:
    """Return the body of `pm.test(name, function)`."""
    if not isinstance(expression, Call) or dotted(expression.function) != "pm.test":
        return None
    function = expression.arguments[-1] if expression.arguments else None
    return function.body if isinstance(function, Function) else None


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."
