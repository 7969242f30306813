"""Judge all thresholds of a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..errors import UsageError
from ..measure.plugins import PluginSnapshot
from ..measure.snapshot import Snapshot
from ..measure.thresholds import Threshold, Verdict, parse_threshold


class Rules:
    """Judges the same thresholds on the numbers of any moment."""

    def __init__(self, thresholds: Sequence[Threshold | str]) -> None:
        """Raises UsageError for a text that is not a threshold."""
        self._thresholds = [_parsed(one) for one in thresholds]

    def check_names(self, snapshot: Snapshot, functions: Iterable[str]) -> None:
        """Raise UsageError if a threshold names a step or function that does not exist."""
        names = set(functions)
        for threshold in self._thresholds:
            threshold.check_names(snapshot, names)

    def verdicts(
        self, snapshot: Snapshot, plugins: Iterable[PluginSnapshot]
    ) -> tuple[Verdict, ...]:
        """Return one verdict for each threshold."""
        functions = [one for plugin in plugins for one in plugin.functions]
        return tuple(rule.judge(snapshot, functions) for rule in self._thresholds)

    def are_broken(self, snapshot: Snapshot, plugins: Iterable[PluginSnapshot]) -> bool:
        """Return whether a threshold is broken for good, so that going on cannot mend it."""
        verdicts = zip(self._thresholds, self.verdicts(snapshot, plugins), strict=True)
        return any(rule.is_bound and verdict.is_broken for rule, verdict in verdicts)


def _parsed(rule: Threshold | str) -> Threshold:
    try:
        return parse_threshold(rule) if isinstance(rule, str) else rule
    except ValueError as error:
        raise UsageError(str(error)) from error
