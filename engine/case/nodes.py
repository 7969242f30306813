"""This module defines nodes: the values of a case file, each with its line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

MOST_NODES = 1_000_000
DEEPEST = 100


class Node(Struct, frozen=True):
    """A scalar, a list of nodes or a map of nodes.

    `line` counts from 1 and is that of the key for an entry of a map; `text` is the source text
    of a scalar; `size` the number of nodes with all aliases followed.
    """

    value: Any
    line: int
    text: str = ""
    size: int = 1

    def plain(self) -> Any:
        """Return the value without positions: scalars, lists and maps."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def items(self) -> Iterator[tuple[str, Node]]:
        """Go through the entries of a map; anything else has none."""
        return iter(self.value.items() if isinstance(self.value, dict) else ())


class SourceError(ValueError):
    """A text that cannot become nodes, and the line where that shows."""

    def __init__(self, line: int, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.line = line
        self.what = what
        self.hint = hint


def list_node(items: list[Node], line: int) -> Node:
    return Node(items, line, size=_counted(items, line))


def map_node(entries: dict[str, Node], line: int) -> Node:
    return Node(entries, line, size=_counted(list(entries.values()), line))


def _counted(children: list[Node], line: int) -> int:
    size = 1 + sum(child.size for child in children)
    if size > MOST_NODES:
        raise SourceError(line, f"more than {MOST_NODES:,} values once aliases are followed")
    return size
