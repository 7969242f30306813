"""Record the events of a run: restarts of plugins, a blocked loop, changes of trust."""

from __future__ import annotations

from ..measure.health import Health
from ..measure.stats import Stats
from ..scenario.plugin import Plugins


class Notices:
    """Looks once a second for events, and marks each in the run's statistics."""

    def __init__(self, stats: Stats, health: Health, plugins: Plugins) -> None:
        self._stats = stats
        self._health = health
        self._plugins = plugins
        self._restarts: dict[str, int] = {}
        self._was_trusted = True

    def look(self) -> None:
        """Mark the events since the last look."""
        for view in self._plugins.snapshots():
            new = view.restarts - self._restarts.get(view.path, 0)
            self._restarts[view.path] = view.restarts
            if new:
                self._stats.mark(f"{view.path} was restarted" + (f" {new} times" * (new > 1)))
        if (place := self._health.blocked_at()) is not None:
            self._stats.mark(f"the event loop was blocked at {place}")
        self._look_at_verdict()

    def _look_at_verdict(self) -> None:
        is_trusted = self._health.snapshot().is_trusted
        if is_trusted != self._was_trusted:
            self._was_trusted = is_trusted
            verb = "keeps up again" if is_trusted else "fell behind"
            self._stats.mark(f"the generator {verb}")
