"""Read a run directory, even one of a run that was killed."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from ..errors import UsageError
from ..output.shape import problem_of
from ..report.json_report import SCHEMA, whole
from .directory import LINES, REPORT
from .line_shapes import SHAPES
from .rebuild import rebuilt
from .seconds import RecordedSecond, second_of

_HINT = "the file was changed or damaged after the run"


class Record:
    """Gives access to everything that one run left in its directory."""

    def __init__(self, directory: Path) -> None:
        """Open the directory; raises UsageError if it is not a run directory or not readable."""
        self.directory = directory
        self._checked = 0  # lines whose shape was looked at: each is read more than once
        if not _is_file(directory / LINES):
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
        if not _is_file(path):
            return rebuilt(self.origin, self.seconds(), self.events())
        try:
            return whole(orjson.loads(path.read_bytes()))
        except OSError as error:
            raise _unreadable(path, error) from error
        except ValueError as error:
            raise UsageError(f"{path} cannot be read: {error}", _HINT) from error

    def seconds(self) -> Iterator[RecordedSecond]:
        """Read one second after the other; raises UsageError for a malformed line."""
        for number, line in enumerate(self._lines(), 1):
            if line["record"] == "second":
                try:
                    yield second_of(line)
                except (KeyError, TypeError, ValueError) as error:
                    where = f"{self.directory / LINES}:{number}"
                    raise UsageError(f"{where}: cannot be read: {error!r}", _HINT) from error

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
        if first is None or first["record"] != "run":
            raise UsageError(f"{where}: this is not the first line of a record", _HINT)
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
                    data = _parsed(line, path, number)
                    if number > self._checked:
                        _check_shape(data, path, number)
                        self._checked = number
                    yield data
        except OSError as error:
            raise _unreadable(path, error) from error


@contextmanager
def readable(*directories: Path) -> Iterator[None]:
    """Tell what the shapes of the files let through; raises UsageError instead."""
    try:
        yield
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        text = f"the results in {' or '.join(map(str, directories))} do not fit together: {error!r}"
        raise UsageError(text, _HINT) from error


def _is_file(path: Path) -> bool:
    """Return whether there is a file; raises UsageError for anything else that is there."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _unreadable(path, error) from error
    if not stat.S_ISREG(mode):  # a pipe would be waited for
        raise UsageError(f"{path} cannot be read: it is not a file", _HINT)
    return True


def _unreadable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"{path} cannot be read: {error.strerror}")


def _hint(directory: Path) -> str:
    runs = [lines.parent for lines in directory.glob(f"*/{LINES}")]
    if not runs:
        return "give the directory that --out named, or one of results/"
    # The names of runs begin with their time.
    return f"it holds {len(runs)} of them; the last is {max(runs)}"


def _parsed(line: bytes, path: Path, number: int) -> Mapping[str, Any]:
    """Return a line of a record; raises UsageError for what is none, with its place."""
    where = f"{path}:{number}"
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"{where}: is not JSON: {error}", _HINT) from error
    if not isinstance(data, dict) or not isinstance(data.get("record"), str):
        raise UsageError(f"{where}: is not a line of a record", _HINT)
    return data


def _check_shape(data: Mapping[str, Any], path: Path, number: int) -> None:
    """Raise UsageError for a line that is not what its readers expect, with its place."""
    # The first line may be of a newer schema, which is told first.
    shape = SHAPES.get(data["record"], {}) if data.get("schema", SCHEMA) == SCHEMA else {}
    if problem := problem_of(data, shape):
        what = problem.removeprefix(".")
        raise UsageError(f"{path}:{number}: cannot be read: {what}", _HINT)
