"""This module reads YAML into nodes: safe tags, no contradicting keys, bounded depth and aliases.

Scalars are typed by a fixed table (`scalar`), not by PyYAML's: `yes` is a text, `0o17` a number,
a date a text. Each scalar keeps its source text, so that `A: 1.50` can stay "1.50".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any

import yaml
from msgspec import Struct
from msgspec.structs import replace
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from .nodes import DEEPEST, Node, SourceError, list_node, map_node
from .yaml_hints import hint_of, hint_of_duplicate

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_SAFE_TAGS = {_TAG + kind for kind in ("str", "int", "float", "bool", "null", "timestamp")}
_NULLS = ("", "~", "null", "Null", "NULL")
_BOOLEANS = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INFINITIES = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
# Longer ones stay texts: Python prints no integer of more than 4,300 digits.
_BASED = re.compile(
    r"([-+]?)0(?:([xX])([0-9a-fA-F]{1,3000})|([bB])([01]{1,12000})|[oO]?([0-7]{1,4000}))"
)
_BASES = ((3, 16), (5, 2), (6, 8))
_INTEGER = re.compile(r"[-+]?[0-9]{1,4000}")
_SEPARATOR = re.compile(r"^---(?:\s|$)|^\.\.\.", re.MULTILINE)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def parse_yaml(text: str, twice: Callable[[int, str], None] = lambda line, what: None) -> Node:
    """Parse the first document; raises SourceError with the line.

    `twice` hears of each key that stands there again with the value that it has already.
    """
    try:
        return _Composer(yaml.parse(text, Loader=_LOADER), twice).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        raise SourceError(line, f"not YAML: {error.problem}", _hint(text, error, line)) from error
    except yaml.YAMLError as error:
        raise SourceError(0, f"not YAML: {error}") from error


def second_document(text: str) -> int:
    """Return the line where a second document begins, 0 if there is none."""
    if not _SEPARATOR.search(text):
        return 0
    begun = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            begun += isinstance(event, DocumentStartEvent)
            is_node = isinstance(event, NodeEvent) and getattr(event, "value", None) != ""
            if begun == 2 and is_node and event.start_mark:
                return event.start_mark.line + 1
    except yaml.MarkedYAMLError as error:
        return error.problem_mark.line + 1 if error.problem_mark and begun else 0
    return 0


def scalar(text: str) -> Any:
    """Type a plain scalar: null, boolean, number of any base, else the text itself."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INFINITIES.fullmatch(text):
        return float(text.replace(".", ""))
    return _number(text.replace("_", ""), text) if text[0] in "+-.0123456789" else text


def _number(digits: str, text: str) -> Any:
    if based := _BASED.fullmatch(digits):
        number = next(int(based[group], base) for group, base in _BASES if based[group])
        return -number if based[1] == "-" else number
    if _INTEGER.fullmatch(digits):
        return int(digits)
    # A number too large for a float stays the text it is.
    return float(digits) if _FLOAT.fullmatch(digits) and isfinite(float(digits)) else text


def _hint(text: str, error: yaml.MarkedYAMLError, line: int) -> str:
    begun = error.context_mark
    if begun and "quoted scalar" in str(error.context):
        return f"close the quote that begins in line {begun.line + 1}"
    return hint_of(text, line, str(error.problem))


class _Open(Struct):
    """A list or map whose end has not come yet; `key` waits for its value."""

    line: int
    anchor: str | None
    is_map: bool
    items: list[Node]
    entries: dict[str, Node]
    merged: list[Node]
    key: Node | None = None


class _Composer:
    """Builds nodes from parser events, without recursion."""

    def __init__(self, events: Iterator[Event], twice: Callable[[int, str], None]) -> None:
        self.events = events
        self.twice = twice
        self.open: list[_Open] = []
        self.anchors: dict[str, Node | None] = {}
        self.root = Node(None, 1)

    def document(self) -> Node:
        for event in self.events:
            if isinstance(event, StreamEndEvent | DocumentEndEvent):
                break
            if not isinstance(event, StreamStartEvent):
                self.take(event)
        return self.root

    def take(self, event: Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, ScalarEvent):
            self.add(_scalar_node(event, line), event.anchor)
        elif isinstance(event, AliasEvent):
            self.add(self.alias(event.anchor or "", line), None)
        elif isinstance(event, SequenceStartEvent | MappingStartEvent):
            self.begin(event, line)
        elif self.open:
            self.add(*self.end())

    def begin(self, event: SequenceStartEvent | MappingStartEvent, line: int) -> None:
        is_map = isinstance(event, MappingStartEvent)
        if event.tag not in (None, "!", _TAG + ("map" if is_map else "seq")):
            raise SourceError(line, f"the tag {event.tag} is not allowed")
        if len(self.open) >= DEEPEST:
            raise SourceError(line, f"nested deeper than {DEEPEST} levels")
        if event.anchor:
            self.anchors[event.anchor] = None
        self.open.append(_Open(line, event.anchor, is_map, [], {}, []))

    def end(self) -> tuple[Node, str | None]:
        done = self.open.pop()
        if not done.is_map:
            return list_node(done.items, done.line), done.anchor
        inherited = {key: node for base in reversed(done.merged) for key, node in base.items()}
        return map_node({**inherited, **done.entries}, done.line), done.anchor

    def alias(self, anchor: str, line: int) -> Node:
        node = self.anchors.get(anchor)
        if node is None:
            what = "refers to itself" if anchor in self.anchors else "is not defined"
            hint = "" if anchor in self.anchors else "put a text that begins with * in quotes"
            raise SourceError(line, f"the alias *{anchor} {what}", hint)
        return replace(node, line=line)

    def add(self, node: Node, anchor: str | None) -> None:
        if anchor:
            self.anchors[anchor] = node
        if not self.open:
            self.root = node
        elif not self.open[-1].is_map:
            self.open[-1].items.append(node)
        elif self.open[-1].key is None:
            self.open[-1].key = _key(node)
        else:
            self.put(self.open[-1], self.open[-1].key, node)
            self.open[-1].key = None

    def put(self, owner: _Open, key: Node, node: Node) -> None:
        if key.text == "<<":
            owner.merged += _merge_sources(node)
            return
        if (first := owner.entries.get(key.text)) is not None:
            what = f"duplicate key {key.text!r} (first in line {first.line})"
            if (first.text, first.plain()) != (node.text, node.plain()):
                raise SourceError(key.line, what, hint_of_duplicate(key.text))
            self.twice(key.line, what)
        owner.entries[key.text] = replace(node, line=key.line)


def _scalar_node(event: ScalarEvent, line: int) -> Node:
    if event.tag not in (None, "!", *_SAFE_TAGS):
        raise SourceError(line, f"the tag {event.tag} is not allowed")
    is_text = event.tag in ("!", _TAG + "str", _TAG + "timestamp")
    is_quoted = event.tag is None and not event.implicit[0]
    value = event.value if is_text or is_quoted else scalar(event.value)
    return Node(value, line, event.value)


def _key(node: Node) -> Node:
    if isinstance(node.value, list | dict):
        raise SourceError(node.line, "a map key must be a plain value")
    return node


def _merge_sources(node: Node) -> list[Node]:
    sources = node.value if isinstance(node.value, list) else [node]
    if not all(isinstance(source.value, dict) for source in sources):
        raise SourceError(node.line, "<< takes a map or a list of maps")
    return list(sources)
