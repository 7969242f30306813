"""This module reads the keys of one map of a case file and notes what is wrong or unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from ..errors import Place, Problem
from .hints import meant
from .model import Written
from .nodes import Node

# YAML 1.1's words for true and false, in any letter case.
YES = ("true", "yes", "on", "y")
NO = ("false", "no", "off", "n")
# Larger numbers are a slip, or the text of something else.
LARGEST = 10**18


class Notes(Struct):
    """What reading the files brought up: problems forbid the run, warnings do not."""

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def problem(self, place: Place, what: str, hint: str = "") -> None:
        self.problems.append(Problem(place, what, hint))

    def warn(self, place: Place, what: str, hint: str = "") -> None:
        self.warnings.append(Problem(place, what, hint))


class Fields:
    """The entries of one map; each is read at most once, the rest is told by `finish`.

    Where it is `strict`, a key that is nearly a known one is a problem.
    """

    def __init__(
        self,
        node: Node,
        file: str,
        notes: Notes,
        *,
        step: str | None = None,
        path: str = "",
        strict: bool = False,
    ) -> None:
        self.node = node
        self.file = file
        self.notes = notes
        self.step = step
        self.path = path
        self.strict = strict
        self.known: set[str] = set()
        if not isinstance(node.value, dict | None):
            self.notes.problem(self.place(), f"must be a map, not {kind_of(node)}")

    def place(self, key: str = "", line: int = 0) -> Place:
        """Say where a key stands."""
        where = ".".join(part for part in (self.path, key) if part)
        found = self.entries.get(key)
        return Place(
            self.file, line or (found.line if found else self.node.line), self.step, where or None
        )

    @property
    def entries(self) -> Mapping[str, Node]:
        return self.node.value if isinstance(self.node.value, dict) else {}

    def problem(self, key: str, what: str, hint: str = "") -> None:
        self.notes.problem(self.place(key), what, hint)

    def warn(self, key: str, what: str, hint: str = "") -> None:
        self.notes.warn(self.place(key), what, hint)

    def take(self, key: str) -> Node | None:
        """Return the entry, or None if it is absent or null."""
        self.known.add(key)
        node = self.entries.get(key)
        return None if node is None or node.value is None else node

    def has(self, key: str) -> bool:
        return key in self.entries

    def first_of(self, *keys: str) -> str:
        """Return the first of several names of one entry that is given; else the first name."""
        self.known.update(keys)
        return next((key for key in keys if self.entries.get(key)), keys[0])

    def inner(self, key: str) -> Fields | None:
        """Return the map under a key."""
        node = self.take(key)
        return self.sub(node, key) if node else None

    def inner_or_empty(self, key: str) -> Fields:
        """Return the map under a key, or an empty one standing there."""
        return self.inner(key) or self.sub(Node({}, self.place(key).line), key)

    def sub(self, node: Node, key: str) -> Fields:
        path = f"{self.path}.{key}" if self.path else key
        return Fields(node, self.file, self.notes, step=self.step, path=path, strict=self.strict)

    def written(self, key: str) -> Written | None:
        """Return the value of any type with its place; a null that stands there is a value."""
        self.known.add(key)
        node = self.entries.get(key)
        return Written(node.plain(), self.place(key)) if node else None

    def written_text(self, key: str) -> Written | None:
        """Return the source text of a scalar: `1.50` stays "1.50"."""
        node = self.take(key)
        return Written(self._source(key, node), self.place(key)) if node else None

    def text(self, key: str, default: str = "") -> str:
        node = self.take(key)
        return self._source(key, node) if node else default

    def _source(self, key: str, node: Node) -> str:
        if isinstance(node.value, dict | list):
            self.problem(key, f"must be a text, not {kind_of(node)}")
        return node.text

    def number(self, key: str, *, low: float | None = None) -> float | None:
        """Return a number, or None; anything else, or below `low`, is a problem."""
        node = self.take(key)
        if node is None:
            return None
        value: int | float = node.value
        if not is_number(value):
            self.problem(key, f"must be a number, not {kind_of(node)}")
            return None
        if low is not None and value < low:
            self.problem(key, f"must be at least {low:g}, not {value:g}")
            return None
        return value

    def whole(self, key: str, *, low: int | None = None) -> int | None:
        value = self.number(key, low=low)
        if value is not None and not float(value).is_integer():
            self.problem(key, f"must be a whole number, not {value}")
            return None
        return None if value is None else int(value)

    def flag(self, key: str) -> bool | None:
        node = self.take(key)
        if node is None or isinstance(node.value, bool):
            return node.value if node else None
        if node.text.lower() in YES or means_no(node.text):
            return not means_no(node.text)
        self.problem(key, f"must be true or false, not {kind_of(node)}")
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; a single text counts as a list of one."""
        node = self.take(key)
        if node is None:
            return ()
        items = node.value if isinstance(node.value, list) else [node]
        return tuple(self._source(key, item) for item in items)

    def values(self, key: str) -> dict[str, Written]:
        """Return a map of values of any type; a list of maps counts as one map."""
        return self._map(key, Node.plain)

    def text_values(self, key: str) -> dict[str, Written]:
        """Return a map of scalars as their source texts; null is an empty text."""
        return self._map(key, lambda node: node.text if node.value is not None else "", flat=True)

    def _map(
        self, key: str, read: Callable[[Node], Any], *, flat: bool = False
    ) -> dict[str, Written]:
        node = self.take(key)
        found: dict[str, Written] = {}
        for name, value in self.pairs(node, key):
            inner = self.place(f"{key}.{name}", value.line)
            if flat and isinstance(value.value, dict | list):
                self.notes.problem(inner, f"must be a text, not {kind_of(value)}")
            found[name] = Written(read(value), inner)
        return found

    def pairs(self, node: Node | None, key: str) -> list[tuple[str, Node]]:
        """Return the entries of a map, or of a list of maps; an empty text has none."""
        if node is None or node.value == "":
            return []
        maps = node.value if isinstance(node.value, list) else [node]
        if not all(isinstance(one.value, dict) for one in maps):
            self.problem(key, f"must be a map, not {kind_of(node)}")
            return []
        return [pair for one in maps for pair in one.items()]

    def choice(self, key: str, allowed: Iterable[str], default: str) -> str:
        """Return one of the allowed words; another is a problem."""
        names = list(allowed)
        word = self.text(key, default)
        if word not in names:
            self.problem(
                key, f"unknown {word!r}", meant(word, names) or f"one of {', '.join(names)}"
            )
            return default
        return word

    def ignore(self, reasons: Mapping[str, str]) -> None:
        """Warn about keys that are understood but have no effect."""
        for key, reason in reasons.items():
            self.known.add(key)
            if self.has(key):
                self.warn(key, f"{key} has no effect", reason)

    def finish(self, also: Iterable[str] = ()) -> None:
        """Tell the keys that nobody asked for; `also` are known for the hint."""
        for key in self.entries:
            if key not in self.known:
                hint = meant(key, {*self.known, *also})
                tell = self.problem if hint and self.strict else self.warn
                tell(key, f"unknown key {key!r}", hint)


def kind_of(node: Node) -> str:
    """Name a value as its author would."""
    match node.value:
        case None:
            return "nothing"
        case dict():
            return "a map"
        case list():
            return "a list"
        case str():
            return repr(node.value[:60])
        case _:
            return node.text[:60]


def is_number(value: Any) -> bool:
    """Whether the value is a number of bearable size, and no boolean."""
    is_plain = isinstance(value, int | float) and not isinstance(value, bool)
    return is_plain and -LARGEST < value < LARGEST


def means_no(text: str) -> bool:
    return text.strip().lower() in NO
