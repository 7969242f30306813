"""This module finds what HttpRunner 1 called by name: `api: get_user($uid)`, `suite: log_in()`.

Its folder `api` held lists of APIs, `suite` cases; `def` (in version 2.0 also `id`) named them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from .folders import walk
from .nodes import Node
from .yaml_source import scalar

_CALL = re.compile(r"([^\W\d]\w*)(?:\((.*)\))?", re.DOTALL)


class Definition(Struct, frozen=True):
    """An API, or the config of a case, that has a name; `names` are those of its arguments."""

    name: str
    names: tuple[str, ...]
    path: Path
    node: Node


def is_call(text: str) -> bool:
    """Whether a reference is a name, perhaps with arguments, and not a path."""
    return bool(_CALL.fullmatch(text.strip()))


def definitions(root: Path, key: str, read: Callable[[Path], Node | None]) -> dict[str, Definition]:
    """Return the definitions of a project by name: `api`, or `config` for those of cases."""
    folder = root / ("api" if key == "api" else "suite")
    paths = walk(folder) if folder.is_dir() else ()
    found = (one for path in paths if (node := read(path)) for one in _defined(node, path, key))
    return {definition.name: definition for definition in found}


def _defined(source: Node, path: Path, key: str) -> Iterator[Definition]:
    for item in source.value if isinstance(source.value, list) else []:
        entries = dict(item.items())
        inner = dict(entries[key].items()) if key in entries else {}
        named = inner.pop("def", None) or inner.pop("id", None)
        if named is not None and is_call(named.text):
            name, arguments = parts_of(named.text)
            names = tuple(argument.lstrip("$") for argument in arguments)
            yield Definition(name, names, path, replace(entries[key], value=inner))


def parts_of(call: str) -> tuple[str, list[str]]:
    """Return the name and the arguments of a call, as they are written."""
    match = _CALL.fullmatch(call.strip())
    name, inside = (match[1], match[2] or "") if match else (call, "")
    return name, [one.strip() for one in inside.split(",")] if inside.strip() else []


def typed(argument: str) -> object:
    """Return the value of an argument: a number, an expression or a text, in quotes or not."""
    if len(argument) > 1 and argument[0] == argument[-1] and argument[0] in "\"'":
        return argument[1:-1]
    return scalar(argument) if argument else ""
