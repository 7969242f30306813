"""The folder of a run's record: the one that the caller names, or a temporary one."""

from __future__ import annotations

import shutil
import weakref
from pathlib import Path
from tempfile import mkdtemp

from ..errors import UsageError


class RunFolder:
    """A folder that is kept, or one that is removed as soon as nothing refers to this object."""

    def __init__(self, path: Path, *, is_kept: bool) -> None:
        self.path = path
        self.is_kept = is_kept
        if not is_kept:
            weakref.finalize(self, shutil.rmtree, path.parent, ignore_errors=True)

    @classmethod
    def of(cls, out: Path | None) -> RunFolder:
        """Return the folder `out`, without one a temporary folder; raises UsageError."""
        if out is not None:
            return cls(out, is_kept=True)
        try:
            return cls(Path(mkdtemp(prefix="boomtalk-"), "run"), is_kept=False)
        except OSError as error:
            what = f"cannot make a temporary folder for the record of the run: {error.strerror}"
            raise UsageError(what, 'pass out="FOLDER"') from error
