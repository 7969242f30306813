"""Tell what an expression of a Postman script is: part of the response, constant or variable."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from .script_syntax import Binary, Call, Expr, Literal, Member, Name

_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_SCOPES = ("environment", "globals", "collectionVariables", "variables", "iterationData")


class Part(Struct, frozen=True):
    """A part of the response, as a search that a case can make.

    `is_text` is the body as text, `is_reason` the words behind the status code.
    """

    path: str
    is_text: bool = False
    is_reason: bool = False

    @property
    def is_body(self) -> bool:
        return self.path.startswith("body") and not self.is_text

    def member(self, key: str | int) -> Part | None:
        """Return the part of JSON below a key; None if there can be none."""
        if not self.is_body:
            return None
        if isinstance(key, int):
            return replace(self, path=f"{self.path}[{key}]")
        quoted = key if _PLAIN.fullmatch(key) else '"' + key.replace('"', '\\"') + '"'
        return replace(self, path=f"{self.path}.{quoted}")


class Constant(Struct, frozen=True):
    value: Any


class Variable(Struct, frozen=True):
    """A variable of Postman, of any scope."""

    name: str


class Condition(Struct, frozen=True):
    """A comparison, with names that are known where it stands."""

    expression: Expr
    known: Known


Value = Part | Constant | Variable | Condition

BODY = Part("body")
TEXT = Part("body", is_text=True)
STATUS = Part("status_code")
REASON = Part("status_code", is_reason=True)
_PARTS = {
    "pm.response.json()": BODY,
    "pm.response.text()": TEXT,
    "responseBody": TEXT,
    "pm.response.code": STATUS,
    "responseCode.code": STATUS,
    "pm.response.status": REASON,
    "responseCode.name": REASON,
    "pm.response.responseTime": Part("elapsed"),
    "responseTime": Part("elapsed"),
}
_GETTERS = {
    "pm.response.headers.get": "headers",
    "postman.getResponseHeader": "headers",
    "pm.cookies.get": "cookies",
}
_READERS = {f"pm.{scope}.get" for scope in _SCOPES}
_READERS |= {"postman.getEnvironmentVariable", "postman.getGlobalVariable"}
_SETTERS = {f"pm.{scope}.set" for scope in _SCOPES}
_SETTERS |= {"postman.setEnvironmentVariable", "postman.setGlobalVariable"}


def dotted(expression: Expr) -> str:
    """Return `a.b.c` for members of a name, and `a.b()` for a call without arguments."""
    if isinstance(expression, Name):
        return expression.name
    if isinstance(expression, Member) and (of := dotted(expression.of)):
        return f"{of}.{expression.key}"
    if isinstance(expression, Call) and not expression.arguments:
        function = dotted(expression.function)
        return f"{function}()" if function else ""
    return ""


def header(name: str) -> Part:
    return Part(f'headers."{name}"')


class Known(Struct, frozen=True):
    """The names that a script has declared, with what they stand for."""

    names: Mapping[str, Value | None]

    def value(self, expression: Expr) -> Value | None:
        """Return what an expression is; None if that is not plain."""
        if isinstance(expression, Literal):
            return Constant(expression.value)
        if isinstance(expression, Name) and expression.name in self.names:
            return self.names[expression.name]
        if found := _PARTS.get(dotted(expression)):
            return found
        if isinstance(expression, Member):
            return self._member(expression)
        if isinstance(expression, Binary) and expression.sign in ("||", "??"):
            # A default for what is missing.
            left = self.value(expression.left)
            is_plain = isinstance(left, Part | Variable) and isinstance(expression.right, Literal)
            return left if is_plain else None
        return self._call(expression) if isinstance(expression, Call) else None

    def condition(self, expression: Expr) -> Condition | None:
        is_condition = isinstance(expression, Binary) and expression.sign != "+"
        return Condition(expression, Known(dict(self.names))) if is_condition else None

    def assigned(self, call: Expr) -> tuple[str, Expr] | None:
        """Return name and value if an expression sets a variable of Postman."""
        if not isinstance(call, Call) or dotted(call.function) not in _SETTERS:
            return None
        if len(call.arguments) != 2 or not isinstance(name := call.arguments[0], Literal):
            return None
        return (name.value, call.arguments[1]) if isinstance(name.value, str) else None

    def unwrapped(self, expression: Expr) -> Value | None:
        """Return the value without a call that only makes a text of it."""
        if not isinstance(expression, Call):
            return self.value(expression)
        if dotted(expression.function) == "String" and len(expression.arguments) == 1:
            return self.value(expression.arguments[0])
        if isinstance(expression.function, Member) and expression.function.key == "toString":
            return self.value(expression.function.of)
        return self.value(expression)

    def _member(self, member: Member) -> Value | None:
        if dotted(member.of) == "responseHeaders" and isinstance(member.key, str):
            return header(member.key)
        if dotted(member.of) in ("environment", "globals") and isinstance(member.key, str):
            return Variable(member.key)
        of = self.value(member.of)
        if isinstance(of, Part):
            if member.key == "length" and of.is_body:
                return Part(f"length({of.path})")
            return of.member(member.key)
        if isinstance(of, Constant) and isinstance(of.value, dict | list):
            return _constant_item(of.value, member.key)
        return None

    def _call(self, call: Call) -> Value | None:
        name, arguments = dotted(call.function), call.arguments
        if name == "JSON.parse" and len(arguments) == 1:
            return BODY if self.value(arguments[0]) == TEXT else None
        key = _text(arguments)
        if key and name in _GETTERS and "\\" not in key and '"' not in key:
            return Part(f'{_GETTERS[name]}."{key}"')
        return Variable(key) if key and name in _READERS else None


def _text(arguments: Sequence[Expr]) -> str:
    """Return the only argument if it is a text, else nothing."""
    only = arguments[0] if len(arguments) == 1 else None
    return only.value if isinstance(only, Literal) and isinstance(only.value, str) else ""


def _constant_item(value: Any, key: str | int) -> Constant | None:
    if isinstance(value, dict):
        return Constant(value[key]) if key in value else None
    is_index = isinstance(key, int) and key < len(value)
    return Constant(value[key]) if is_index else None
