"""Move secrets out of the cases: a case refers to a name, the `.env` holds the value."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .draft import Expression


class Secrets:
    """Collects pairs for an `.env`; the same value under the same name is kept once."""

    def __init__(self, taken: Mapping[str, str] | None = None) -> None:
        self._taken = dict(taken or {})
        self.added: dict[str, str] = {}
        self.left: list[str] = []

    def reference(self, name: str, value: str) -> str:
        """Keep the value, and return the expression that replaces it in the case.

        An empty value means that the user must fill it in. A value of several lines (a key in
        PEM) does not fit into an `.env`: it is returned unchanged, and its name is in `left`.
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
