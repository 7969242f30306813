"""Secrets leave the cases: the case refers to a name, the `.env` holds the value."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .draft import Expression

_SECRET = re.compile(
    r"authorization|cookie|api[-_]?key|token|pass(?:w(?:or)?d|phrase|$)|pwd|secret|signature",
    re.IGNORECASE,
)


def is_secret(name: str) -> bool:
    """Whether a header or variable of this name holds what must not stand in a case."""
    return _SECRET.search(name) is not None


class Secrets:
    """The pairs of an `.env`; the same value under the same name is kept once."""

    def __init__(self, taken: Mapping[str, str] | None = None) -> None:
        self._taken = dict(taken or {})
        self.added: dict[str, str] = {}
        self.left: list[str] = []

    def reference(self, name: str, value: str) -> str:
        """Keep the value and return what to write in its place; an empty one is still to be set.

        An `.env` holds lines: a value that is none (a key in PEM) comes back and is `left`.
        """
        if isinstance(value, Expression):
            return value
        if value.splitlines() not in ([], [value]):
            self.left.append(name)
            return value
        base = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").upper() or "SECRET"
        free = base
        number = 1
        while value and self._taken.get(free, value) != value:
            number += 1
            free = f"{base}_{number}"
        if free not in self._taken:
            self._taken[free] = self.added[free] = value
        return Expression(f"${{ENV({free})}}")
