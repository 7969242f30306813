"""Turn the assertions of Postman scripts into checks, which may expect a `Variable`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from .draft import Check
from .postman_comparisons import NotPlain, compare, contains, has_key, one_of, opposite, search_of
from .postman_values import (
    REASON,
    STATUS,
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

Link = tuple[str, Sequence[Expr] | None]


class Checks(Struct, frozen=True):
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
                return [contains(of, self.constant(expression.arguments[0]))]
            if key == "hasOwnProperty" and isinstance(of, Part) and expression.arguments:
                return [has_key(of, self.constant(expression.arguments[0]))]
        raise NotPlain

    def _compared(self, expression: Binary) -> list[Check]:
        left, right, sign = expression.left, expression.right, expression.sign
        if sign == "&&":
            return [*self.condition(left), *self.condition(right)]
        if sign == "||":
            return [one_of([*self.condition(left), *self.condition(right)])]
        one, other = self.known.value(left), self.known.value(right)
        if sign == "in" and isinstance(one, Constant) and isinstance(other, Part):
            return [has_key(other, one.value)]
        assertion = _SIGNS.get(sign)
        if assertion is None:
            raise NotPlain
        if isinstance(one, Constant):
            one, other, assertion = other, one, _SWAPPED.get(assertion, assertion)
        return [compare(assertion, one, _expectation(other))]

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
            yield compare("eq", self.known.value(other), value.value)
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
                check = has_key(subject, key)
                if len(arguments) == 2:
                    check = compare("eq", inner, self.constant(arguments[1]))
                subject = inner
            else:
                check = self._link(subject, name, arguments)
            yield opposite(check) if negated else check
            found = True
        if not found:
            raise NotPlain

    def _link(self, subject: Part, name: str, arguments: Sequence[Expr] | None) -> Check:
        if arguments is None:
            if name in _CONSTANTS:
                return compare("eq", subject, _CONSTANTS[name])
            if name == "exist":
                return compare("ne", subject, None)
            if name == "empty":
                return compare("len_eq", subject, 0)
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
        return Check("regex_match", search_of(subject), flags + value.source)
    if isinstance(value, Pattern):
        raise NotPlain
    if name in _EQUAL:
        return compare("eq", subject, value)
    if name in _ORDERS:
        return compare(_ORDERS[name], subject, value)
    if name in _CONTAIN:
        return contains(subject, value)
    if name == "oneOf" and isinstance(value, list):
        return compare("contained_by", subject, value)
    if name in ("length", "lengthOf") and isinstance(value, int):
        return compare("len_eq", subject, value)
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
            yield opposite(check) if negated else check
    if not words:
        raise NotPlain


def _of_response(name: str, values: list[Any], *, has_call: bool) -> list[Check]:
    if not has_call:
        return _of_status_class(name)
    if name == "status" and len(values) == 1:
        is_text = isinstance(values[0], str)
        return [compare("eq", REASON if is_text else STATUS, values[0])]
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


def _asks_true(links: Sequence[Link]) -> bool:
    return list(links[-1][1] or ()) == [Literal(True)]
