"""Read a run directory, even one of a run that was killed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from ..errors import UsageError
from ..report.json_report import SCHEMA, whole
from .directory import LINES, REPORT
from .rebuild import rebuilt
from .seconds import RecordedSecond, second_of


class Record:
    """Gives access to everything that one run left in its directory."""

    def __init__(self, directory: Path) -> None:
        """Open the directory; raises UsageError if it is not a run directory or not readable."""
        self.directory = directory
        if not (directory / LINES).is_file():
            raise UsageError(
                f"{directory} is not a run directory: {LINES} is missing", _hint(directory)
            )
        self.origin = self._first_line()

    @cached_property
    def report(self) -> Mapping[str, Any]:
        """The report as the run wrote it, or rebuilt from its seconds if the run was killed.

        Raises UsageError if it cannot be read.
        """
        path = self.directory / REPORT
        if not path.is_file():
            return rebuilt(self.origin, self.seconds(), self.events())
        try:
            return whole(orjson.loads(path.read_bytes()))
        except (OSError, ValueError) as error:
            raise UsageError(f"{path} cannot be read: {error}") from error

    def seconds(self) -> Iterator[RecordedSecond]:
        """Read one second after the other; raises UsageError for a malformed line."""
        for number, line in enumerate(self._lines(), 1):
            if line["record"] == "second":
                try:
                    yield second_of(line)
                except (KeyError, TypeError, ValueError) as error:
                    where = f"{self.directory / LINES}:{number}"
                    raise UsageError(f"{where}: cannot be read: {error!r}") from error

    def events(self) -> Iterator[Mapping[str, Any]]:
        """Read the events in the form of the report's `marks`."""
        for line in self._lines():
            if line["record"] == "event":
                yield {name: line[name] for name in ("t", "what")}

    def samples(self) -> Iterator[Mapping[str, Any]]:
        """Read the requests that were kept in full."""
        return (line for line in self._lines() if line["record"] == "sample")

    def _first_line(self) -> Mapping[str, Any]:
        first = next(self._lines(), None)
        where = f"{self.directory / LINES}:1"
        if first is None or first["record"] != "run" or not isinstance(first.get("schema"), int):
            raise UsageError(f"{where}: this is not the first line of a record")
        if first["schema"] > SCHEMA:
            raise UsageError(
                f"{where}: has schema {first['schema']}, this boomtalk reads up to {SCHEMA}",
                "read it with the version that wrote it, or a newer one",
            )
        return first

    def _lines(self) -> Iterator[Mapping[str, Any]]:
        path = self.directory / LINES
        try:
            with path.open("rb") as file:
                for number, line in enumerate(file, 1):
                    if not line.endswith(b"\n"):
                        return  # the run was killed while it wrote this line
                    yield _parsed(line, path, number)
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from error


def _hint(directory: Path) -> str:
    runs = [lines.parent for lines in directory.glob(f"*/{LINES}")]
    if not runs:
        return "give the directory that --out named, or one of results/"
    # The names of runs begin with their time.
    return f"it holds {len(runs)} of them; the last is {max(runs)}"


def _parsed(line: bytes, path: Path, number: int) -> Mapping[str, Any]:
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{path}:{number}: is not JSON: {error}") from error
    if not isinstance(data, dict) or "record" not in data:
        raise UsageError(f"{path}:{number}: is not a line of a record")
    return data
