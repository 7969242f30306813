"""Tell how much of a run's figures may be the generator's own delay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from msgspec import Struct

from .figures import Figure

# If a figure may be the generator's own by more than half, it says nothing about the target.
MOST_OWN = 0.5
_PERCENTS = (50, 95, 99)


class Accuracy(Struct, frozen=True):
    """What a generator added to latencies, and the latencies, both as the report has them."""

    added: Mapping[str, float | None]
    latency: Mapping[str, float | None]
    is_closed: bool

    @classmethod
    def of(cls, report: Mapping[str, Any]) -> Self:
        """Read a report; runs of older versions do not say what was added."""
        total = report["total"] or {}
        return cls(
            report["health"].get("added_ms") or {},
            total.get("latency_ms") or {},
            report["load"]["model"] == "closed",
        )

    def own_share(self, figure: Figure, value: float) -> float:
        """Return the share, 0..1, of a figure of this value that may be the generator's own."""
        if figure.percent is not None:
            return _share(self._added(figure.percent), 1000 * value)
        # In a closed load a user begins its next request later by what the last one was delayed.
        if figure.name == "rate" and self.is_closed:
            return _share(self.added.get("mean") or 0.0, self.latency.get("mean") or 0.0)
        return 0.0

    @property
    def tells_something(self) -> bool:
        """Whether any percentile of the latency is mostly the target's."""
        known = [(one, self.latency.get(f"p{one}")) for one in _PERCENTS]
        shares = [_share(self._added(one), value) for one, value in known if value is not None]
        return not shares or min(shares) <= MOST_OWN

    def _added(self, percent: float) -> float:
        # Added to latencies that hardly vary, delays move a percentile by their own percentile;
        # added to latencies that vary more than they do, they move it by their mean.
        return max(self.added.get(f"p{percent:g}") or 0.0, self.added.get("mean") or 0.0)


def _share(part: float, whole: float) -> float:
    return min(1.0, part / whole) if whole > 0 else 0.0
