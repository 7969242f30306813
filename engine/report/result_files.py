"""Write the result files of a load test; whether that is possible is checked before the load."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from ..errors import UsageError
from ..output.files import deliver_all, probe
from ..output.json_text import json_page
from . import forms


class ResultFiles(Struct, frozen=True):
    """The result files that the user wants; None means not wanted, `-` is stdout."""

    json: Path | None = None
    csv: Path | None = None
    csv_seconds: Path | None = None
    junit: Path | None = None
    html: Path | None = None
    markdown: Path | None = None

    @classmethod
    def of(cls, flags: Any) -> ResultFiles:
        """Return the files that flags of the same names ask for."""
        return cls(*(getattr(flags, name) for name in cls.__struct_fields__))

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(path for path in astuple(self) if path is not None)

    def open(self) -> None:
        """Check that every file can be written; raises UsageError if not."""
        self._import_forms()
        for path in self.paths:
            try:
                if str(path) != "-":
                    probe(path)
            except OSError as error:
                raise UsageError(f"cannot write results to {path}: {error.strerror}") from error

    def _import_forms(self) -> None:
        """Import what writes the files: at the end of a run the program may be another one."""
        for name in ("csv", "csv_seconds", "junit", "markdown"):
            if getattr(self, name) is not None:
                getattr(forms, f"{name}_of")

    def write(self, report: Mapping[str, Any], page: Callable[[], bytes]) -> None:
        """Write all files. If some fail, write the others, then raise ResultsError.

        `page` makes the HTML page, which needs more than the report.
        """
        files: tuple[tuple[Path | None, Callable[[], bytes]], ...] = (
            (self.json, lambda: json_page(report)),
            (self.csv, lambda: forms.csv_of(report)),
            (self.csv_seconds, lambda: forms.csv_seconds_of(report)),
            (self.junit, lambda: forms.junit_of(report)),
            (self.markdown, lambda: forms.markdown_of(report)),
            (self.html, page),
        )
        deliver_all(files)
