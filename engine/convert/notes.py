"""Collect notes for the user about parts that were not converted."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import Place, Problem


@dataclass(slots=True)
class Notes:
    """Collects the notes about one source file, each only once."""

    file: str
    found: list[Problem] = field(default_factory=list)

    def add(self, what: str, hint: str = "", *, step: str | None = None, line: int = 0) -> None:
        note = Problem(Place(self.file, line, step or None), what, hint)
        if note not in self.found:
            self.found.append(note)
