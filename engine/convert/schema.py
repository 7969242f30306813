"""Make a value that fits a JSON schema, if possible from its examples and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from .notes import Notes

_DEEPEST = 8
_FORMATS = {
    "date-time": "2030-01-01T00:00:00Z",
    "date": "2030-01-01",
    "time": "00:00:00Z",
    "email": "user@example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com/",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
}
_PLAIN: Mapping[str, Any] = {"integer": 1, "number": 1.0, "boolean": True, "null": None}

Tree = Mapping[str, Any]


class Document:
    """An OpenAPI document. References (`$ref`) are followed within the document only."""

    def __init__(self, tree: Tree, notes: Notes) -> None:
        self.tree = tree
        self._notes = notes

    def follow(self, node: Any) -> Tree:
        """Return the map that a node is or refers to, or an empty one if there is none."""
        for _ in range(_DEEPEST):
            if not isinstance(node, Mapping):
                return {}
            if not isinstance(reference := node.get("$ref"), str):
                return node
            node = self._find(reference)
        return {}

    def _find(self, reference: str) -> Any:
        if not reference.startswith("#/"):
            hint = "only references within the file are"
            self._notes.add(f"{reference} is not followed", hint)
            return {}
        found: Any = self.tree
        for part in reference[2:].split("/"):
            name = unquote(part).replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, Mapping) else None
        if found is None:
            self._notes.add(f"{reference} does not exist")
        return found

    def sample(self, schema: Any, depth: int = 0) -> Any:
        """Return a value for the schema; nesting deeper than 8 levels (recursion) gives None."""
        node = self.follow(schema)
        found, value = _given(node)
        if found or depth > _DEEPEST:
            return value
        for choice in ("oneOf", "anyOf"):
            if node.get(choice):
                return self.sample(node[choice][0], depth + 1)
        if node.get("allOf"):
            return self._all_of(node, depth)
        return self._typed(node, depth)

    def _all_of(self, node: Tree, depth: int) -> Any:
        own = {key: value for key, value in node.items() if key != "allOf"}
        values = [self.sample(part, depth + 1) for part in (*node["allOf"], own)]
        maps = [value for value in values if isinstance(value, dict)]
        return {key: item for one in maps for key, item in one.items()} if maps else values[0]

    def _typed(self, node: Tree, depth: int) -> Any:
        kind = node.get("type")
        kind = kind[0] if isinstance(kind, list) and kind else kind
        if kind == "object" or "properties" in node:
            return self._object(node, depth)
        if kind == "array" or "items" in node:
            return [self.sample(node.get("items"), depth + 1)]
        if kind == "string":
            return _FORMATS.get(node.get("format", ""), "text".ljust(node.get("minLength", 0), "x"))
        if kind in ("integer", "number") and "minimum" in node:
            return node["minimum"]
        return _PLAIN.get(str(kind))

    def _object(self, node: Tree, depth: int) -> dict[str, Any]:
        properties = node.get("properties") or {}
        inner = {name: self.follow(schema) for name, schema in properties.items()}
        return {
            name: self.sample(schema, depth + 1)
            for name, schema in inner.items()
            if not schema.get("readOnly") and (depth < _DEEPEST // 2 or _is_asked(name, node))
        }


def _is_asked(name: str, node: Tree) -> bool:
    return name in (node.get("required") or ())


def _given(node: Tree) -> tuple[bool, Any]:
    """Return whether the schema contains a value, and the value."""
    for key in ("example", "const", "default"):
        if key in node:
            return True, node[key]
    for key in ("examples", "enum"):
        if isinstance(node.get(key), list) and node[key]:
            return True, node[key][0]
    return False, None
