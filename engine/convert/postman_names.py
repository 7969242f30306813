"""Replace `{{name}}` in Postman's texts by `${name}`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from .draft import Expression
from .literal import joined
from .notes import Notes
from .postman_dynamic import dynamic

_REFERENCE = re.compile(r"\{\{([^{}]+)\}\}")


def variable_name(name: str) -> str:
    """Return a valid name of a variable: letters, digits and `_`."""
    safe = re.sub(r"\W", "_", name.strip(), flags=re.ASCII)
    return f"_{safe}" if safe[:1].isdigit() else safe


class Names(Struct, frozen=True):
    """The variables of a collection: their values, and the names that were used.

    `extracted` are set by scripts from responses; their values may have any type of JSON. Those
    of earlier steps are `kept`. `stand_ins` are values for variables without one, where a case
    needs any. `used` says of each name whether it had a value when it was used first.
    """

    values: Mapping[str, str]
    notes: Notes
    extracted: Collection[str] = ()
    used: dict[str, bool] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    stand_ins: dict[str, str] = field(default_factory=dict)

    def at(self, step: str) -> Names:
        """Return the same names with notes that name a step."""
        return replace(self, notes=self.notes.of(step))

    def text(self, text: str) -> str:
        """Return the text with its references replaced; it is an Expression if it has any."""
        pieces = _REFERENCE.split(text)
        return joined(*(self.variable(one) if at % 2 else one for at, one in enumerate(pieces)))

    def tree(self, value: Any) -> Any:
        """Return maps, lists and texts with their references replaced."""
        if isinstance(value, str):
            return self._in_tree(value)
        if isinstance(value, dict):
            return {self.text(key): self.tree(item) for key, item in value.items()}
        return [self.tree(item) for item in value] if isinstance(value, list) else value

    def known(self, text: str) -> str | None:
        """Return the text with references replaced by values; None if one is unknown."""
        for _ in range(20):  # values may contain references, even to themselves
            found = _REFERENCE.findall(text)
            if not found:
                return text
            if not all(name.strip() in self.values for name in found):
                return None
            text = _REFERENCE.sub(lambda match: self.values[match[1].strip()], text)
        return None

    def literal(self, text: str, what: str) -> str:
        """Return a text for a place where a case takes no expressions; a note if it is lost."""
        known = self.known(text)
        if known is None:
            self.notes.add(f"{what} {text!r} is sent as it is", "write its value")
        return text if known is None else known

    def stand_in(self, name: str, value: str) -> None:
        """Give a variable that has no value this one."""
        if not self.values.get(name) and not name.startswith("$"):
            self.stand_ins.setdefault(name, value)

    def keep(self, extract: Iterable[str]) -> None:
        """Take the variables that a step has extracted, so that later ones may use them."""
        self.kept.update(extract)

    def missing(self) -> list[str]:
        """Return the names that had no value when they were used, or an empty one."""
        empty = [name for name in self.stand_ins if not self.values.get(name)]
        return list(dict.fromkeys([*(one for one, had in self.used.items() if not had), *empty]))

    def variable(self, name: str) -> Expression:
        """Return the expression for a variable of Postman, and keep that it is used."""
        name = name.strip()
        if name.startswith("$"):
            return dynamic(name, self.notes)
        self.used.setdefault(name, name in self.values or variable_name(name) in self.kept)
        return Expression(f"${{{variable_name(name)}}}")

    def _in_tree(self, text: str) -> str:
        whole = _REFERENCE.fullmatch(text)
        if whole and whole[1].strip() in self.extracted:
            # Between quotes in JSON, Postman makes a text of any value.
            return Expression(f"${{str(${variable_name(whole[1])})}}")
        return self.text(text)
