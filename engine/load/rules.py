"""The thresholds of a run, judged together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ..measure.snapshot import Snapshot
from ..measure.thresholds import Threshold, Verdict
from ..scenario.plugin import PluginView


class Rules:
    """Judges the same thresholds on the numbers of any moment; `views` are the plugins' then."""

    def __init__(
        self, thresholds: Sequence[Threshold], views: Callable[[], Sequence[PluginView]]
    ) -> None:
        self._thresholds = thresholds
        self._views = views

    def check_names(self, snapshot: Snapshot, functions: Iterable[str]) -> None:
        """Raise UsageError if a threshold names nothing that these cases hold."""
        names = set(functions)
        for threshold in self._thresholds:
            threshold.check_names(snapshot, names)

    def verdicts(self, snapshot: Snapshot) -> tuple[Verdict, ...]:
        """Return one verdict for each threshold."""
        if not self._thresholds:
            return ()
        functions = [one for view in self._views() for one in view.functions]
        return tuple(rule.judge(snapshot, functions) for rule in self._thresholds)

    def are_broken(self, snapshot: Snapshot) -> bool:
        """Whether one is broken that cannot mend by going on."""
        verdicts = zip(self._thresholds, self.verdicts(snapshot), strict=True)
        return any(rule.is_bound and verdict.is_broken for rule, verdict in verdicts)
