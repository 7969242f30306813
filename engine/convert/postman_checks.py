"""Turn the assertions of Postman scripts into checks, which may expect a `Variable`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from .draft import Check
from .postman_values import (
    REASON,
    STATUS,
    TEXT,
    Condition,
    Constant,
    Known,
    Part,
    Value,
    Variable,
    header,
)
from .script_syntax import Binary, Call, Expr, Literal, Member, Name, Pattern

# Words that only make a chain read well (chaijs.com, "Language Chains").
_FILLERS = {"to", "be", "been", "is", "that", "which", "and", "has", "have", "with", "at", "of"}
_FILLERS |= {"same", "but", "does", "still", "also", "deep", "eventually"}
_EQUAL = {"eql", "eqls", "equal", "equals", "eq"}
_CONTAIN = {"include", "includes", "contain", "contains", "string"}
_ORDERS = {
    **dict.fromkeys(("above", "gt", "greaterThan"), "gt"),
    **dict.fromkeys(("least", "gte", "greaterThanOrEqual"), "ge"),
    **dict.fromkeys(("below", "lt", "lessThan"), "lt"),
    **dict.fromkeys(("most", "lte", "lessThanOrEqual"), "le"),
}
_OPPOSITES = {"eq": "ne", "ne": "eq", "gt": "le", "le": "gt", "ge": "lt", "lt": "ge"}
_SIGNS = {"===": "eq", "==": "eq", "!==": "ne", "!=": "ne", "<": "lt", "<=": "le"}
_SIGNS |= {">": "gt", ">=": "ge"}
_SWAPPED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le"}
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None}
_TYPES = {"string", "number", "boolean", "array", "object", "null"}
_STATUSES = {
    "ok": 200,
    "accepted": 202,
    "badRequest": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "notFound": 404,
    "rateLimited": 429,
}
_CLASSES = {"info": 100, "success": 200, "redirection": 300, "clientError": 400}
_CLASSES |= {"serverError": 500}
# Inside JSON, other characters may be written with escapes or blanks.
_SAME_IN_JSON = re.compile(r"[\w.@+#$=?!-]*", re.ASCII)

Link = tuple[str, Sequence[Expr] | None]


class NotPlain(ValueError):
    """An assertion that has no check with the same meaning."""


@dataclass(frozen=True, slots=True)
class Checks:
    """Reads assertions with the names that the script has declared."""

    known: Known

    def of(self, expression: Expr) -> list[Check]:
        """Return the checks of a statement; raises NotPlain."""
        root, links = _links(expression)
        names = [name for name, _ in links]
        if root == "pm" and names[:1] == ["expect"] and links[0][1]:
            return list(self._expected(links[0][1][0], links[1:]))
        if root == "expect" and names[:1] == ["()"] and links[0][1]:
            return list(self._expected(links[0][1][0], links[1:]))
        if root == "pm" and names[:2] == ["response", "to"]:
            return list(_response(self.known, links[2:]))
        raise NotPlain

    def condition(self, expression: Expr) -> list[Check]:
        """Return the checks that an expression is true; raises NotPlain."""
        if isinstance(expression, Binary):
            return self._compared(expression)
        if isinstance(expression, Literal) and expression.value is True:
            return []
        if isinstance(expression, Name):
            named = self.known.value(expression)
            if isinstance(named, Condition):
                return Checks(named.known).condition(named.expression)
        if isinstance(expression, Call) and isinstance(expression.function, Member):
            of, key = self.known.value(expression.function.of), expression.function.key
            if key in ("has", "includes") and of is not None and len(expression.arguments) == 1:
                return [_contains(of, self.constant(expression.arguments[0]))]
            if key == "hasOwnProperty" and isinstance(of, Part) and expression.arguments:
                return [_has_key(of, self.constant(expression.arguments[0]))]
        raise NotPlain

    def _compared(self, expression: Binary) -> list[Check]:
        left, right, sign = expression.left, expression.right, expression.sign
        if sign == "&&":
            return [*self.condition(left), *self.condition(right)]
        if sign == "||":
            return [_one_of([*self.condition(left), *self.condition(right)])]
        one, other = self.known.value(left), self.known.value(right)
        if sign == "in" and isinstance(one, Constant) and isinstance(other, Part):
            return [_has_key(other, one.value)]
        assertion = _SIGNS.get(sign)
        if assertion is None:
            raise NotPlain
        if isinstance(one, Constant):
            one, other, assertion = other, one, _SWAPPED.get(assertion, assertion)
        return [_compare(assertion, one, _expectation(other))]

    def _expected(self, subject: Expr, links: Sequence[Link]) -> Iterator[Check]:
        value = self.known.value(subject)
        words = [name for name, _ in links if name not in _FILLERS]
        if value is None and (
            words == ["true"] or (words and words[0] in _EQUAL and _asks_true(links))
        ):
            yield from self.condition(subject)
            return
        if isinstance(value, Constant) and len(words) == 1 and words[0] in _EQUAL:
            other = next(iter(links[-1][1] or ()), Literal(None))
            yield _compare("eq", self.known.value(other), value.value)
            return
        if not isinstance(value, Part):
            raise NotPlain
        yield from self._chain(value, links)

    def _chain(self, subject: Part, links: Sequence[Link]) -> Iterator[Check]:
        negated, found = False, False
        for name, arguments in links:
            if name in _FILLERS:
                continue
            if name == "not":
                negated = not negated
                continue
            if name == "property" and arguments:
                key = self.constant(arguments[0])
                inner = subject.member(key) if isinstance(key, str | int) else None
                if inner is None:
                    raise NotPlain
                check = _has_key(subject, key)
                if len(arguments) == 2:
                    check = _compare("eq", inner, self.constant(arguments[1]))
                subject = inner
            else:
                check = self._link(subject, name, arguments)
            yield _opposite(check) if negated else check
            found = True
        if not found:
            raise NotPlain

    def _link(self, subject: Part, name: str, arguments: Sequence[Expr] | None) -> Check:
        if arguments is None:
            if name in _CONSTANTS:
                return _compare("eq", subject, _CONSTANTS[name])
            if name == "exist":
                return _compare("ne", subject, None)
            if name == "empty":
                return _compare("len_eq", subject, 0)
            raise NotPlain
        if len(arguments) != 1:
            raise NotPlain
        return _with_argument(subject, name, self._expectation(arguments[0]))

    def _expectation(self, expression: Expr) -> Any:
        if isinstance(expression, Pattern):
            return expression
        return _expectation(self.known.value(expression))

    def constant(self, expression: Expr) -> Any:
        value = self.known.value(expression)
        if not isinstance(value, Constant):
            raise NotPlain
        return value.value


def _with_argument(subject: Part, name: str, value: Any) -> Check:
    if name == "match" and isinstance(value, Pattern):
        if value.flags.strip("i"):
            raise NotPlain
        flags = "(?i)" if value.flags else ""
        return Check("regex_match", _search(subject), flags + value.source)
    if isinstance(value, Pattern):
        raise NotPlain
    if name in _EQUAL:
        return _compare("eq", subject, value)
    if name in _ORDERS:
        return _compare(_ORDERS[name], subject, value)
    if name in _CONTAIN:
        return _contains(subject, value)
    if name == "oneOf" and isinstance(value, list):
        return _compare("contained_by", subject, value)
    if name in ("length", "lengthOf") and isinstance(value, int):
        return _compare("len_eq", subject, value)
    if name in ("a", "an") and value in _TYPES and subject.is_body:
        return Check("eq", f"type({subject.path})", value)
    raise NotPlain


def _links(expression: Expr) -> tuple[str, list[Link]]:
    """Return the name that a chain begins with, and its links with their arguments."""
    arguments: Sequence[Expr] | None = None
    found: list[Link] = []
    while True:
        if isinstance(expression, Call) and arguments is None:
            arguments = expression.arguments
            expression = expression.function
            if isinstance(expression, Name):
                found.append(("()", arguments))
                return expression.name, found[::-1]
        elif isinstance(expression, Member):
            found.append((str(expression.key), arguments))
            expression, arguments = expression.of, None
        elif isinstance(expression, Name):
            return expression.name, found[::-1]
        else:
            raise NotPlain


def _response(known: Known, links: Sequence[Link]) -> Iterator[Check]:
    """Yield the checks of `pm.response.to...`."""
    words = [link for link in links if link[0] not in _FILLERS]
    negated = words[:1] == [("not", None)]
    for name, arguments in words[1:] if negated else words:
        values = [Checks(known).constant(one) for one in arguments or ()]
        for check in _of_response(name, values, has_call=arguments is not None):
            yield _opposite(check) if negated else check
    if not words:
        raise NotPlain


def _of_response(name: str, values: list[Any], *, has_call: bool) -> list[Check]:
    if not has_call:
        return _of_status_class(name)
    if name == "status" and len(values) == 1:
        is_text = isinstance(values[0], str)
        return [_compare("eq", REASON if is_text else STATUS, values[0])]
    if name == "header" and values:
        part = header(str(values[0]))
        return [Check("eq", part.path, values[1]) if values[1:] else Check("ne", part.path, None)]
    if name == "jsonBody" and len(values) == 2:
        return [Check("eq", f"body.{values[0]}", values[1])]
    if name == "body" and len(values) == 1 and isinstance(values[0], str):
        return [Check("eq", "body", values[0])]
    raise NotPlain


def _of_status_class(name: str) -> list[Check]:
    if name in _STATUSES:
        return [Check("eq", STATUS.path, _STATUSES[name])]
    if name == "error":
        return [Check("ge", STATUS.path, 400)]
    if name == "json":
        return [Check("contains", header("Content-Type").path, "json")]
    if name in _CLASSES:
        low = _CLASSES[name]
        return [Check("ge", STATUS.path, low), Check("lt", STATUS.path, low + 100)]
    raise NotPlain


def _expectation(value: Value | None) -> Any:
    if isinstance(value, Constant):
        return value.value
    if isinstance(value, Variable):
        return value
    raise NotPlain


def _search(value: Value | None) -> str:
    if not isinstance(value, Part) or value.is_text or value.is_reason:
        raise NotPlain
    return value.path


def _compare(assertion: str, value: Value | None, expected: Any) -> Check:
    if value == REASON and isinstance(expected, str) and assertion in ("eq", "ne"):
        code = next((one.value for one in HTTPStatus if one.phrase == expected), None)
        if code is None:
            raise NotPlain
        return Check(assertion, STATUS.path, code)
    return Check(assertion, _search(value), expected)


def _contains(value: Value, expected: Any) -> Check:
    if value == TEXT and isinstance(expected, str) and _SAME_IN_JSON.fullmatch(expected):
        return Check("contains", "to_string(body)", expected)
    return Check("contains", _search(value), expected)


def _has_key(part: Part, key: Any) -> Check:
    if not part.is_body or not isinstance(key, str) or "'" in key or "\\" in key:
        raise NotPlain
    return Check("eq", f"contains(keys({part.path}), '{key}')", True)


def _one_of(checks: Sequence[Check]) -> Check:
    """Return the check that one of several values is there."""
    values: list[Any] = []
    for check in checks:
        if check.search != checks[0].search or check.assertion not in ("eq", "contained_by"):
            raise NotPlain
        values += check.expected if check.assertion == "contained_by" else [check.expected]
    return Check("contained_by", checks[0].search, values)


def _opposite(check: Check) -> Check:
    if check.assertion == "len_eq" and check.expected == 0:
        return Check("len_gt", check.search, 0)
    if check.assertion == "eq" and check.expected is True and check.search.startswith("contains("):
        return Check("eq", check.search, False)
    if check.assertion not in _OPPOSITES:
        raise NotPlain
    return Check(_OPPOSITES[check.assertion], check.search, check.expected)


def _asks_true(links: Sequence[Link]) -> bool:
    return list(links[-1][1] or ()) == [Literal(True)]
