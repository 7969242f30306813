"""Make a value that fits a JSON schema, if possible from its examples and defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

from msgspec import Struct

from .document import Document, Tree

_DEEPEST = 8
_MOST_ITEMS = 10
_CHOICES = ("oneOf", "anyOf")
_FORMATS = {
    "byte": "dGV4dA==",
    "date-time": "2030-01-01T00:00:00Z",
    "date": "2030-01-01",
    "duration": "PT1S",
    "email": "user@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "00:00:00Z",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


class _Nothing:
    """Stands for a value that would never end: its property or item is left out."""


_NOTHING = _Nothing()


class Samples(Struct, frozen=True):
    """Makes values for the schemas of a document."""

    document: Document

    def of(self, schema: Any) -> Any:
        """Return a value for the schema, or None if it allows anything."""
        value = self._value(schema, 0, frozenset())
        return None if isinstance(value, _Nothing) else value

    def shown(self, tree: Tree) -> tuple[bool, Any]:
        """Return whether a parameter, body or schema contains a value, and the value."""
        for key in ("example", "x-example", "const", "default"):
            if tree.get(key) is not None:
                return True, self.document.value(tree[key])
        listed = [tree.get("examples"), tree.get("enum")]
        for values in (one for one in listed if isinstance(one, list)):
            for value in values:
                if value is not None:
                    return True, self.document.value(value)
        return False, None

    def _value(self, schema: Any, depth: int, above: frozenset[str]) -> Any:
        reference = schema.get("$ref") if isinstance(schema, Mapping) else None
        if isinstance(reference, str):
            if reference in above:
                return _NOTHING
            above |= {reference}
        node = self.document.follow(schema)
        found, value = self.shown(node)
        if found:
            return value
        if depth > _DEEPEST:
            return _NOTHING
        if any(isinstance(node.get(key), list) for key in ("allOf", *_CHOICES)):
            return self._composed(node, depth, above)
        return self._typed(node, depth, above)

    def _composed(self, node: Tree, depth: int, above: frozenset[str]) -> Any:
        """Return all parts of `allOf` and the first choices together."""
        own = {key: value for key, value in node.items() if key not in ("allOf", *_CHOICES)}
        parts = [*(node.get("allOf") or ()), *self._first_choices(node)]
        values = [self._value(part, depth + 1, above) for part in parts]
        values.append(self._typed(own, depth, above))
        maps = [value for value in values if isinstance(value, dict)]
        if maps:
            return {key: item for one in maps for key, item in one.items()}
        known = (one for one in values if one is not None and not isinstance(one, _Nothing))
        return next(known, _NOTHING if _NOTHING in values else None)

    def _first_choices(self, node: Tree) -> Iterator[Any]:
        for key in _CHOICES:
            choices = node.get(key) or ()
            kinds = (one for one in choices if self.document.follow(one).get("type") != "null")
            yield from [next(kinds, {})] if choices else []

    def _typed(self, node: Tree, depth: int, above: frozenset[str]) -> Any:
        kind = _type(node)
        if kind == "object" or isinstance(node.get("properties"), Mapping):
            return self._object(node, depth, above)
        if kind == "array" or "items" in node:
            return self._array(node, depth, above)
        if kind in ("string", "file"):
            return _text(node)
        if kind in ("integer", "number"):
            return _number(node, kind)
        return True if kind == "boolean" else None

    def _array(self, node: Tree, depth: int, above: frozenset[str]) -> list[Any]:
        listed = node.get("prefixItems") or [node.get("items")]
        values = [self._value(item, depth + 1, above) for item in listed]
        known = [value for value in values if not isinstance(value, _Nothing)]
        missing = min(node.get("minItems") or 0, _MOST_ITEMS) - len(known)
        return known + known[-1:] * missing

    def _object(self, node: Tree, depth: int, above: frozenset[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, schema in (node.get("properties") or {}).items():
            if self.document.follow(schema).get("readOnly"):
                continue
            if depth < _DEEPEST // 2 or name in (node.get("required") or ()):
                value = self._value(schema, depth + 1, above)
                found |= {} if isinstance(value, _Nothing) else {name: value}
        return found


def _type(node: Tree) -> Any:
    """Return the type; OpenAPI 3.1 may list several."""
    kind = node.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    return next((one for one in kinds if one != "null"), None)


def _text(node: Tree) -> str:
    if found := _FORMATS.get(str(node.get("format"))):
        return found
    shortest, longest = node.get("minLength") or 0, node.get("maxLength") or 4
    return "text".ljust(min(shortest, 100_000), "x")[: max(shortest, longest)]


def _number(node: Tree, kind: str) -> int | float:
    """Return the smallest number that is allowed, or 1."""
    low, above = node.get("minimum"), node.get("exclusiveMinimum")
    step = node.get("multipleOf") or 1
    # OpenAPI 3.0 writes a flag beside the minimum, 3.1 the bound itself.
    if isinstance(above, int | float) and not isinstance(above, bool):
        low = above + step
    elif low is not None and above is True:
        low = low + step
    value = (step if step != 1 else 1) if low is None else ceil(low / step) * step
    highest = node.get("maximum")
    if low is None and highest is not None and value > highest:
        value = highest
    return int(value) if kind == "integer" else float(value)
