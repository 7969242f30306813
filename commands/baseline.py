"""`boom --baseline`: a load test held against a run that was recorded before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from .compare import trusted_side

if TYPE_CHECKING:
    from boomtalk.engine.compare.comparison import Comparison, Side
    from boomtalk.engine.record.directory import RunDirectory

    from .load_test import LoadTest
    from .voices import Log


@dataclass(frozen=True, slots=True)
class Baseline:
    """The run before, and by how much (a share) the next one may be worse."""

    side: Side
    limit: float | None

    def compared(
        self, directory: RunDirectory, report: Mapping[str, Any], log: Log
    ) -> Comparison | None:
        """Return what became of the baseline in a run, None if its record cannot tell."""
        from boomtalk.engine.compare.comparison import Side, compare
        from boomtalk.engine.errors import UsageError
        from boomtalk.engine.record.reading import Record

        if directory.problem is not None:
            return None
        try:
            return compare(self.side, Side.of(Record(directory.path), report), self.limit)
        except UsageError as error:
            log("error", f"no comparison: {error}")
            return None

    def is_missed(self, comparison: Comparison | None, log: Log) -> bool:
        """Tell whether a run fails by its comparison; one that cannot be trusted does."""
        if comparison is None:
            return True
        if not comparison.b.is_trusted:
            log("warning", "the comparison with the baseline fails: the generator fell behind")
        return not comparison.b.is_trusted or comparison.fails(self.limit)


def baseline_of(test: LoadTest) -> Baseline | None:
    """Read the baseline of a test; raises UsageError for one that cannot be compared with."""
    from boomtalk.engine.errors import UsageError

    if test.baseline is not None:
        return Baseline(trusted_side(test.baseline), test.fail_if_worse)
    if test.fail_if_worse is not None:
        raise UsageError("--fail-if-worse needs the --baseline that it speaks of")
    return None


@contextmanager
def recorded(test: LoadTest) -> Iterator[LoadTest]:
    """Yield the test with a run directory of its own for the moment if it is to have none."""
    is_needed = test.baseline is not None or test.html is not None
    if not is_needed or test.out is not None:
        yield test
        return
    with TemporaryDirectory(prefix="boomtalk-") as folder:
        yield replace(test, out=Path(folder) / "run", is_out_given=True, is_out_kept=False)
