"""Collect notes for the user about parts that were not converted."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from ..errors import Place, Problem


class Notes(Struct, frozen=True):
    """Collects the notes about one source file, each only once; `step` is told with each."""

    file: str
    step: str | None = None
    _found: dict[Problem, None] = field(default_factory=dict)

    @property
    def found(self) -> Sequence[Problem]:
        return list(self._found)

    @property
    def for_file(self) -> Notes:
        """The same notes for the file as a whole."""
        return Notes(self.file, None, self._found)

    def of(self, step: str) -> Notes:
        """Return the same notes for a step of the file."""
        return Notes(self.file, step, self._found)

    def add(self, what: str, hint: str = "", *, step: str | None = None, line: int = 0) -> None:
        place = Place(self.file, line, step or self.step or None)
        self._found.setdefault(Problem(place, what, hint))
