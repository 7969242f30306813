"""This module rewrites the forms of HttpRunner 1 and 2 as today's, on the level of nodes.

Nodes keep their lines, so problems name the place where the author wrote something.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from msgspec.structs import replace

from ..errors import Place
from .fields import Fields, Notes, kind_of
from .nodes import Node

# What a step of HttpRunner 1 or 2 called them; of several names for one thing the first counts.
STEP_NAMES = {
    "times": "loops",
    "skipIf": "skip",
    "skipUnless": "skip_unless",
    "validators": "validate",
    "extractors": "extract",
    "extract_binds": "extract",
    "variable_binds": "variables",
    "suite": "testcase",
}
REPLACED = {old: f"{today} is given, too" for old, today in STEP_NAMES.items()}
CONFIG_NAMES = {"variable_binds": "variables"}
Form = Literal["map", "list", "api"]
_PARTS = ("config", "test")
# HttpRunner 1 wrote these under `request` of the config, as a request that all steps share.
_SHARED = ("base_url", "headers", "timeout", "verify")


def form_of(node: Node) -> Form:
    """Say in which form a case is written: today's map, the list of version 1, or an API."""
    if is_list_case(node):
        return "list"
    return "api" if is_api(node) else "map"


def is_list_case(node: Node) -> bool:
    """Whether a list is a case of version 1 or 2: entries `config` and `test`."""
    items = node.value if isinstance(node.value, list) else []
    parts = [(item, inner) for item in items for key, inner in item.items() if key in _PARTS]
    return any(
        isinstance(inner.value, dict | None) and "teststeps" not in dict(item.items())
        for item, inner in parts
    )


def takes_arguments(node: Node) -> bool:
    """Whether a list is what version 1 called with values: `def: log_in($user)` in its config."""
    items = node.value if isinstance(node.value, list) else []
    configs = (dict(inner.items()) for item in items for _, inner in item.items())
    return any("$" in config["def"].text for config in configs if "def" in config)


def is_api(node: Node) -> bool:
    """Whether a map is an API file, which versions 2 and 3 also ran as a case of one step."""
    entries = dict(node.items())
    if {"teststeps", "testcases"} & entries.keys() or "request" not in entries:
        return False
    return any(key in ("method", "url") for key, _ in entries["request"].items())


def case_of_api(node: Node) -> Node:
    """Return a case whose step is this API; what it extracts is exported, as in version 3."""
    entries, line = dict(node.items()), node.line
    name = {"name": entries["name"]} if "name" in entries else {}
    names = [Node(given, line, given) for given, _ in _pairs(entries.get("extract"))]
    step = Node({**name, "api": node}, line)
    parts = {"config": Node({**name, "export": Node(names, line)}, line)}
    return Node({**parts, "teststeps": Node([step], line)}, line)


def case_of_list(node: Node, file: str, notes: Notes) -> Node:
    """Return the case in today's form; entries that are neither config nor test are told."""
    config: dict[str, Node] = {}
    steps: list[Node] = []
    for item in node.value:
        for key, inner in _parts(Fields(item, file, notes)):
            if key == "config":
                config |= dict(inner.items())
            else:
                steps.append(inner)
    if not any("test" in dict(item.items()) for item in node.value):
        notes.problem(Place(file, node.line), "no test in the list", "add `- test:` with a step")
    parts = {"config": Node(config, node.line), "teststeps": Node(steps, node.line)}
    return Node(parts, node.line)


def _parts(item: Fields) -> Iterator[tuple[str, Node]]:
    """Go through `config` and `test` of one entry of the list."""
    empty = [key for key in _PARTS if item.has(key) and item.entries[key].value is None]
    for key in empty:
        hint = "indent what belongs to it by two more spaces" if len(item.entries) > 1 else ""
        item.problem(key, f"{key} is empty", hint)
    for key, inner in item.entries.items():
        if key in _PARTS and isinstance(inner.value, dict):
            yield key, inner
        elif key in _PARTS and inner.value is not None:
            item.problem(key, f"must be a map, not {kind_of(inner)}")
        elif key not in _PARTS and not empty:
            item.problem(key, f"{key!r} is neither config nor test", "write it below `- test:`")


def modern_config(fields: Fields) -> Fields:
    """Return the config with today's names; version 1's shared request becomes its parts."""
    entries = _renamed(fields.entries, CONFIG_NAMES)
    shared = entries.get("request")
    if shared is not None and isinstance(shared.value, dict):
        del entries["request"]
        request = fields.sub(shared, "request")
        for key, node in request.entries.items():
            if key in _SHARED and key not in entries:
                entries[key] = node
            elif key not in _SHARED:
                request.warn(key, f"{key} has no effect", "write it into the steps")
    return _with(fields, entries)


def modern_step(node: Node) -> Node:
    """Return a step with today's names."""
    entries = _renamed(dict(node.items()), STEP_NAMES)
    if "testcase" in entries and _are_names(entries.get("extract")):
        # Since 2.2 `extract` of a reference names what it exports; that was `output` before.
        exported = entries.pop("extract")
        entries.setdefault("export", exported)
    return replace(node, value=entries) if isinstance(node.value, dict) else node


def _renamed(entries: Mapping[str, Node], names: Mapping[str, str]) -> dict[str, Node]:
    """Rename keys in place, unless today's name is given, too: then the old one is told."""
    found: dict[str, Node] = {}
    for key, node in entries.items():
        name = names.get(key, key)
        found[key if name != key and (name in entries or name in found) else name] = node
    return found


def _are_names(node: Node | None) -> bool:
    items = node.value if node is not None and isinstance(node.value, list) else []
    return bool(items) and all(isinstance(item.value, str) for item in items)


def _pairs(node: Node | None) -> Iterator[tuple[str, Node]]:
    """Go through the entries of a map, or of a list of maps."""
    items = node.value if node is not None and isinstance(node.value, list) else [node]
    for item in items:
        if item is not None:
            yield from item.items()


def _with(fields: Fields, entries: dict[str, Node]) -> Fields:
    node = replace(fields.node, value=entries)
    changed = Fields(
        node, fields.file, fields.notes, step=fields.step, path=fields.path, strict=fields.strict
    )
    changed.known = fields.known
    return changed
