"""Say in one line, the same in every report, how far the generator itself spoiled the figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def doubt_in(report: Mapping[str, Any]) -> str | None:
    """Return the doubt about a report's figures; None if there is none."""
    health = report["health"]
    doubt: str | None = health.get("doubt")  # reports before 2026-11-26 have none
    if health["trusted"]:
        return doubt
    return f"NOT TRUSTED: {doubt or 'the generator itself fell behind'}"
