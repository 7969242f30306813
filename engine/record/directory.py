"""Write the directory of a run: lines while the run goes on, the report at its end.

The first line of `record.jsonl` holds what is known before the load; then comes a line for each
second, event and kept request. The key `record` says what a line holds. If the run is killed,
at most the line that was being written is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from types import TracebackType
from typing import Any

from ..errors import ResultsError, UsageError
from ..measure.snapshot import Slice
from ..output.files import PRIVATE, deliver, probe
from ..output.json_text import json_line, json_page
from ..output.lines import LineFile
from ..report.json_rows import second_as_dict
from .seconds import slice_as_dict

LINES = "record.jsonl"
REPORT = "report.json"
# A file name may have 255 bytes; the time, a number and a suffix need some of them.
_MOST_BYTES = 180


class RunDirectory:
    """Records a run inside its `with` block; a thread writes, so that the load need not wait.

    Only `write_snapshot` and `finish` write themselves.
    """

    def __init__(self, path: Path) -> None:
        """Make the directory and open its record; raises UsageError if that is not possible."""
        self.path = path
        self._events = 0
        self._failures = -1
        try:
            path.mkdir(parents=True, exist_ok=True)
            for name in (LINES, REPORT):
                if (path / name).exists():
                    raise UsageError(
                        f"{path} holds the results of another run",
                        "choose another --out, or leave it out for a new directory",
                    )
            probe(path / REPORT)
            self._lines = LineFile.open(path / LINES, mode=PRIVATE)
        except OSError as error:
            raise _unwritable(path, error) from error

    @property
    def problem(self) -> str | None:
        """The reason why the record is incomplete, None while it is complete."""
        return self._lines.reason if self._lines.unwritten else None

    def begin(self, origin: Mapping[str, Any]) -> None:
        """Record what is known before the load."""
        self._add("run", origin)

    def take(self, ended: Slice, elapsed: float, progress: Mapping[str, Any]) -> None:
        """Record one second: its rows, and the report's `progress` at its end.

        The errors are written only if there are new ones, and each event once.
        """
        told = dict(progress)
        for event in told.pop("marks")[self._events :]:
            self._events += 1
            self._add("event", event)
        # The table of errors is the largest part of a line, and rarely changes.
        failures = sum(error["count"] for error in told["errors"])
        if failures == self._failures:
            del told["errors"]
        self._failures = failures
        second = second_as_dict(ended.second)
        self._add("second", {**second, "elapsed": elapsed, **slice_as_dict(ended), "so_far": told})

    def add_samples(self, samples: Iterable[Mapping[str, Any]]) -> None:
        """Record requests that were kept in full."""
        for sample in samples:
            self._add("sample", sample)

    def write_snapshot(self, number: int, report: Mapping[str, Any]) -> None:
        """Write the numbers of this moment to a file of their own; raises ResultsError."""
        deliver(self.path / f"snapshot-{number}.json", json_page(report), PRIVATE)

    def finish(self, report: Mapping[str, Any]) -> None:
        """Write the report; raises ResultsError."""
        deliver(self.path / REPORT, json_page(report), PRIVATE)
        if self.problem is not None:
            raise ResultsError(f"the record of the run is incomplete: {self.problem}")

    def __enter__(self) -> RunDirectory:
        self._lines.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._lines.__exit__(kind, error, trace)

    def close(self, patience: float) -> None:
        """Record no more; wait at most `patience` seconds until all is written."""
        self._lines.close(patience)

    def _add(self, record: str, data: Mapping[str, Any]) -> None:
        self._lines.add(json_line({"record": record, **data}))
        self._lines.flush()


def new_directory(parent: Path, name: str, now: datetime) -> Path:
    """Make a directory for this run only, and return its path; raises UsageError."""
    # Cutting bytes may split a character, whose rest is dropped when they are decoded.
    slug = re.sub(r"[^\w.-]+", "-", name).strip("-.")[:60].encode()[:_MOST_BYTES]
    first = f"{now:%Y%m%dT%H%M%SZ}-{slug.decode(errors='ignore') or 'run'}"
    names = chain((first,), (f"{first}-{number}" for number in count(2)))
    try:
        parent.mkdir(parents=True, exist_ok=True)
        return next(path for name in names if _is_made(path := parent / name))
    except OSError as error:
        raise _unwritable(parent, error) from error


def _is_made(path: Path) -> bool:
    # Trying is safer than looking first: another run may make the directory in between.
    try:
        path.mkdir()
    except FileExistsError:
        return False
    return True


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(f"cannot write results to {error.filename or path}: {error.strerror}")
