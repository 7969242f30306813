"""This module reads JSON into nodes; the standard decoder reads the scalars."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable
from math import isinf
from typing import Any, NoReturn

from msgspec.structs import replace

from .nodes import DEEPEST, Node, SourceError, list_node, map_node

_BLANK = re.compile(r"[ \t\r\n]*")


def parse_json(text: str, twice: Callable[[int, str], None] = lambda line, what: None) -> Node:
    """Parse the whole text; raises SourceError with the line.

    `twice` hears of each key that stands there again with the value that it has already.
    """
    parser = _Parser(text, twice)
    node = parser.value(0) if parser.peek() else Node(None, 1)
    if rest := parser.peek():
        hint = "a bracket too many before it, or two documents in one file"
        raise SourceError(parser.line, f"not JSON: {rest!r} behind the end", hint)
    return node


class _Parser:
    def __init__(self, text: str, twice: Callable[[int, str], None]) -> None:
        self.text = text
        self.twice = twice
        self.position = 0
        self.line_ends = [match.start() for match in re.finditer("\n", text)]
        self.decoder = json.JSONDecoder(parse_constant=self.refuse)

    @property
    def line(self) -> int:
        return bisect_right(self.line_ends, self.position - 1) + 1

    def refuse(self, constant: str) -> NoReturn:
        raise SourceError(self.line, f"not JSON: {constant}")

    def peek(self) -> str:
        """Return the next character that counts, or nothing at the end."""
        if blank := _BLANK.match(self.text, self.position):
            self.position = blank.end()
        return self.text[self.position : self.position + 1]

    def take(self, wanted: str) -> str:
        mark = self.peek()
        if not mark or mark not in wanted:
            raise SourceError(self.line, f"not JSON: {' or '.join(wanted)} expected")
        self.position += 1
        return mark

    def value(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise SourceError(self.line, f"nested deeper than {DEEPEST} levels")
        mark = self.peek()
        if mark == "{":
            return self.map(depth)
        if mark == "[":
            return self.list(depth)
        return self.scalar()

    def scalar(self) -> Node:
        line, start = self.line, self.position
        value = self.decoded()
        text = value if isinstance(value, str) else self.text[start : self.position]
        return Node(value, line, "" if value is None else text)

    def decoded(self) -> Any:
        try:
            value, self.position = self.decoder.raw_decode(self.text, self.position)
        except json.JSONDecodeError as error:
            self.position = error.pos
            raise SourceError(self.line, f"not JSON: {error.msg}") from error
        except ValueError as error:
            raise SourceError(self.line, f"a number that is too long: {error}") from error
        if isinstance(value, float) and isinf(value):
            raise SourceError(self.line, "a number that is too large")
        return value

    def list(self, depth: int) -> Node:
        line = self.line
        self.take("[")
        items = []
        if self.peek() != "]":
            items.append(self.value(depth + 1))
            while self.peek() == ",":
                self.take(",")
                items.append(self.value(depth + 1))
        self.take("]")
        return list_node(items, line)

    def map(self, depth: int) -> Node:
        line = self.line
        self.take("{")
        entries: dict[str, Node] = {}
        if self.peek() != "}":
            self.entry(entries, depth)
            while self.peek() == ",":
                self.take(",")
                self.entry(entries, depth)
        self.take("}")
        return map_node(entries, line)

    def entry(self, entries: dict[str, Node], depth: int) -> None:
        if self.peek() != '"':
            raise SourceError(self.line, "not JSON: a key in double quotes expected")
        line, key = self.line, self.decoded()
        self.take(":")
        node = self.value(depth + 1)
        if (first := entries.get(key)) is not None:
            what = f"duplicate key {key!r} (first in line {first.line})"
            if (first.text, first.plain()) != (node.text, node.plain()):
                raise SourceError(line, what)
            self.twice(line, what)
        entries[key] = replace(node, line=line)
