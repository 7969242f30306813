"""This module reads `$name` and `${function(arguments)}`: a text becomes a small tree.

Nothing is looked up or run here, and runtime data never comes this way.
"""

from __future__ import annotations

import json
import re
from typing import Any

from msgspec import Struct

# Names hold letters of any script, as HttpRunner 3 reads them.
NAME = r"[^\W\d]\w*"
_TOKEN = re.compile(rf"\$\$|\$\{{(?P<call>{NAME})\(|\$\{{(?P<braced>{NAME})\}}|\$(?P<bare>{NAME})")
_FRONT = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,300})(?:\.[0-9]{1,300})?")
_KEYWORD = re.compile(rf"({NAME})\s*=(?!=)")
_CALL = re.compile(rf"({NAME})\(")
_SPACE = re.compile(r"\s*")
_NEXT = re.compile(r"[$,()\[\]{}\"]")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_DEEPEST = 50


class ExpressionError(ValueError):
    """A text that looks like an expression but is none."""


class Constant(Struct, frozen=True):
    value: Any


class Variable(Struct, frozen=True):
    """`$name`; `front` is the part that hrp reads, which ends before a letter beyond ASCII.

    So `$price元` is the variable `price元` if there is one, else `price` and a text.
    """

    name: str
    front: str = ""


class Joined(Struct, frozen=True):
    """Pieces that become one text."""

    parts: tuple[Node, ...]


class Items(Struct, frozen=True):
    """A list written as an argument: `[1, $a]`."""

    items: tuple[Node, ...]


class Keyword(Struct, frozen=True):
    """`name=value` among arguments; `source` is the same as it stands, for where it is a text."""

    name: str
    value: Node
    source: str


class Call(Struct, frozen=True):
    name: str
    arguments: tuple[Node | Keyword, ...]


Node = Constant | Variable | Joined | Items | Call


def parse(text: str) -> Node:
    """Parse a value; blanks around it do not count. Raises ExpressionError."""
    return parse_untrimmed(text.strip())


def parse_untrimmed(text: str) -> Node:
    """Parse a text in which every blank counts, such as a map key."""
    return Constant(text) if "$" not in text else _Parser(text).template()


def join(parts: list[Node]) -> Node:
    """Make one node of the pieces: a single one keeps its type, several become a text."""
    merged: list[Node] = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, Constant) and isinstance(last, Constant):
            merged[-1] = Constant(last.value + part.value)
        else:
            merged.append(part)
    return merged[0] if len(merged) == 1 else Joined(tuple(merged))


def sole_variable(value: Any) -> str:
    """Return the name in a text that is one variable and nothing else; else an empty text."""
    match = _TOKEN.fullmatch(value.strip()) if isinstance(value, str) else None
    return (match["bare"] or match["braced"] or "") if match else ""


class _Parser:
    """One pass over one text, never going back."""

    def __init__(self, text: str, depth: int = 0) -> None:
        self.text = text
        self.position = 0
        self.depth = depth

    def template(self) -> Node:
        parts: list[Node] = []
        while match := _TOKEN.search(self.text, self.position):
            parts.append(Constant(self.text[self.position : match.start()]))
            parts.append(self.token(match))
        parts.append(Constant(self.text[self.position :]))
        return join([part for part in parts if part != Constant("")])

    def token(self, match: re.Match[str]) -> Node:
        self.position = match.end()
        if match["call"]:
            call = self.call(match["call"])
            self.expect("}", f"${{{match['call']}(...)")
            return call
        if name := match["bare"]:
            return Variable(name, _front(name))
        return Variable(match["braced"]) if match["braced"] else Constant("$")

    def call(self, name: str) -> Call:
        """Parse the arguments behind `name(`, up to and with the closing parenthesis."""
        arguments = self.arguments(")", name)
        return Call(name, () if arguments == [Constant(None)] else tuple(arguments))

    def arguments(self, closing: str, owner: str) -> list[Node | Keyword]:
        one = self.item if closing == "]" else self.argument
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ExpressionError(f"more than {_DEEPEST} levels of calls")
        found = [one(owner)]
        while self.peek() == ",":
            self.position += 1
            found.append(one(owner))
        self.depth -= 1
        self.expect(closing, f"{owner}(...")
        return found

    def argument(self, owner: str) -> Node | Keyword:
        self.skip_blanks()
        start = self.position
        keyword = _KEYWORD.match(self.text, start)
        if not keyword:
            return self.value(owner)
        self.position = keyword.end()
        self.skip_blanks()
        value = self.value(owner)
        return Keyword(keyword[1], value, self.text[start : self.position].rstrip())

    def item(self, owner: str) -> Node:
        self.skip_blanks()
        return self.value(owner)

    def value(self, owner: str) -> Node:
        """Parse a quoted text, a nested call, a list, or plain text up to the next comma."""
        mark = self.peek()
        nested = _CALL.match(self.text, self.position)
        if mark in ("'", '"'):
            value = self.quoted(mark)
        elif nested:
            self.position = nested.end()
            value = self.call(nested[1])
        elif mark == "[":
            self.position += 1
            value = _items(self.arguments("]", owner))
        else:
            return self.plain(owner)
        self.skip_blanks()
        return value

    def quoted(self, mark: str) -> Node:
        match = re.compile(rf"{mark}((?:[^\\{mark}]|\\.)*){mark}", re.DOTALL).match(
            self.text, self.position
        )
        if not match:
            raise ExpressionError(f"the quote {mark} is never closed")
        self.position = match.end()
        content = re.sub(rf"\\([\\{mark}])", r"\1", match[1])
        return Constant(content) if "$" not in content else _Parser(content, self.depth).template()

    def plain(self, owner: str) -> Node:
        parts: list[Node] = []
        closers: list[str] = []
        while True:
            match = _NEXT.search(self.text, self.position)
            if not match:
                raise ExpressionError(f"{owner}(... is never closed")
            parts.append(Constant(self.text[self.position : match.start()]))
            self.position = match.start()
            if not closers and match[0] in ",)]":
                return _plain_value(parts)
            parts.append(self.inside(match[0], closers))

    def inside(self, mark: str, closers: list[str]) -> Node:
        """Take one marked piece of a plain argument; brackets protect the commas in them."""
        token = _TOKEN.match(self.text, self.position)
        if token:
            return self.token(token)
        if mark == '"' and closers:
            start = self.position
            self.quoted(mark)
            return Constant(self.text[start : self.position])
        if mark in _CLOSING:
            closers.append(_CLOSING[mark])
        elif closers and mark == closers[-1]:
            closers.pop()
        self.position += 1
        return Constant(mark)

    def peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def skip_blanks(self) -> None:
        if blanks := _SPACE.match(self.text, self.position):
            self.position = blanks.end()

    def expect(self, mark: str, owner: str) -> None:
        if self.peek() != mark:
            raise ExpressionError(f"{mark!r} is missing after {owner}")
        self.position += 1


def _front(name: str) -> str:
    """Return the ASCII beginning of a name that goes on with other letters."""
    match = None if name.isascii() else _FRONT.match(name)
    return match[0] if match else ""


def _items(found: list[Node | Keyword]) -> Items:
    nodes = tuple(node for node in found if not isinstance(node, Keyword))
    return Items(() if nodes == (Constant(None),) else nodes)


def _plain_value(parts: list[Node]) -> Node:
    """Type an unquoted argument: nothing is null, a canonical number a number, else text."""
    node = join(parts)
    if isinstance(node, Constant):
        return Constant(_literal(node.value.strip()))
    if isinstance(node, Joined):
        return _stripped(node)
    return node


def _stripped(node: Joined) -> Node:
    """Take off the blanks before the next comma; those at the start were skipped."""
    *parts, last = node.parts
    if isinstance(last, Constant):
        last = Constant(last.value.rstrip())
    return join([part for part in (*parts, last) if part != Constant("")])


def _literal(text: str) -> Any:
    if not text:
        return None
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    if text[0] == "{":
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
