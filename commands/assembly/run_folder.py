"""The folder of a run's record: the user's, a new one below results/, or a temporary one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from boomtalk.engine.case.model import Case
from boomtalk.engine.record.directory import RunDirectory, new_directory
from msgspec import Struct

from ..flags.output import LoadOutputFlags


class RunFolder(Struct, frozen=True):
    """The folder itself, or (`is_parent`) the one in which each run gets a new folder."""

    path: Path
    is_parent: bool = False
    is_kept: bool = True

    def directory(self, cases: Sequence[Case], started_at: datetime) -> RunDirectory:
        """Make the directory; raises UsageError."""
        if not self.is_parent:
            return RunDirectory(self.path)
        name = str(cases[0].config.name.value)
        return RunDirectory(new_directory(self.path, name, started_at))


@contextmanager
def run_folder(flags: LoadOutputFlags, needs_record: bool) -> Iterator[RunFolder | None]:
    """Yield the folder that the flags name, None where no record is wanted.

    The page and the comparison with a baseline are made from the record: with `--no-out` it is
    in a temporary folder then.
    """
    if not flags.no_out:
        yield RunFolder(flags.out or Path("results"), is_parent=flags.out is None)
    elif needs_record:
        with TemporaryDirectory(prefix="boomtalk-") as folder:
            yield RunFolder(Path(folder) / "run", is_kept=False)
    else:
        yield None
