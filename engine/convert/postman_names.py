"""Replace `{{name}}` in Postman's texts by `${name}`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .draft import Expression
from .literal import joined
from .notes import Notes

_REFERENCE = re.compile(r"\{\{([^{}]+)\}\}")
_DYNAMIC = {
    "$timestamp": "${get_timestamp(10)}",
    "$randomInt": "${random_int(1000)}",
    "$guid": "${gen_random_string(32)}",
    "$randomUUID": "${gen_random_string(32)}",
    "$randomAlphaNumeric": "${gen_random_string(1)}",
}


def variable_name(name: str) -> str:
    """Return a valid name of a variable: letters, digits and `_`."""
    safe = re.sub(r"\W", "_", name.strip(), flags=re.ASCII)
    return f"_{safe}" if safe[:1].isdigit() else safe


class Names:
    """The variables of a collection: their values, and the names that were used."""

    def __init__(self, values: Mapping[str, str], notes: Notes) -> None:
        self._values = values
        self._notes = notes
        self.used: dict[str, None] = {}

    def text(self, text: str) -> str:
        """Return the text with its references replaced; it is an Expression if it has any."""
        pieces = _REFERENCE.split(text)
        return joined(*(self._one(one) if at % 2 else one for at, one in enumerate(pieces)))

    def tree(self, value: Any) -> Any:
        """Return maps, lists and texts with their references replaced."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self.tree(item) for key, item in value.items()}
        return [self.tree(item) for item in value] if isinstance(value, list) else value

    def known(self, text: str) -> str | None:
        """Return the text with references replaced by values; None if one is unknown."""
        for _ in range(20):  # values may contain references, even to themselves
            found = _REFERENCE.findall(text)
            if not found:
                return text
            if not all(name.strip() in self._values for name in found):
                return None
            text = _REFERENCE.sub(lambda match: self._values[match[1].strip()], text)
        return None

    def missing(self) -> Iterable[str]:
        return (name for name in self.used if name not in self._values)

    def _one(self, name: str) -> Expression:
        name = name.strip()
        if name in _DYNAMIC:
            return Expression(_DYNAMIC[name])
        if name.startswith("$"):
            self._notes.add(f"{{{{{name}}}}} is not converted", "give the variable a value")
            name = name.removeprefix("$")
        self.used[name] = None
        return Expression(f"${{{variable_name(name)}}}")
