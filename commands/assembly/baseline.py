"""Hold a load test against a run that was recorded before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from boomtalk.engine.compare.comparison import Comparison, Side, compare
from boomtalk.engine.compare.show import shown
from boomtalk.engine.errors import UsageError
from boomtalk.engine.record.directory import RunDirectory
from boomtalk.engine.record.reading import Record
from msgspec import Struct
from rich.console import RenderableType

from ..flags.verdict import VerdictFlags
from .comparing import comparable_side
from .log import Log


class Baseline(Struct, frozen=True):
    """The earlier run, and the share by which the next one may be worse."""

    side: Side
    limit: float | None

    def compared(
        self, directory: RunDirectory, report: Mapping[str, Any], log: Log
    ) -> Comparison | None:
        """Return the comparison of a run with the baseline, None if its record is too poor."""
        if directory.problem is not None:
            return None
        try:
            return compare(self.side, Side.of(Record(directory.path), report), self.limit)
        except UsageError as error:
            log("error", f"no comparison: {error}")
            return None

    def shown(self, comparison: Comparison) -> RenderableType:
        """Return the comparison as the terminal shows it."""
        return shown(comparison)

    def is_missed(self, comparison: Comparison | None, log: Log) -> bool:
        """Whether a run fails by its comparison; one that says nothing about the target does."""
        if comparison is None:
            return True
        if not comparison.b.accuracy.tells_something:
            log.warn(
                "the comparison with the baseline fails: the times are mostly the generator's own"
                " delay"
            )
            return True
        return comparison.fails(self.limit)


def baseline_of(flags: VerdictFlags) -> Baseline | None:
    """Read the baseline of a test; raises UsageError for one that cannot be compared with."""
    if flags.baseline is not None:
        return Baseline(comparable_side(flags.baseline), flags.fail_if_worse)
    if flags.fail_if_worse is not None:
        raise UsageError("--fail-if-worse needs --baseline", "add --baseline DIR")
    return None
