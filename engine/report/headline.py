"""Say in one line how a run ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REASONS: Mapping[str, str] = {
    "duration": "the duration was over",
    "iterations": "all iterations were done",
    "signal": "interrupted",
    "plugin": "a plugin was given up",
    "threshold": "a threshold was broken",
    "stages": "all stages were done",
    "data": "the unique data rows were used up",
    "shard": "a shard was lost",
    "error": "an internal error of boomtalk",
    "killed": "the run was killed; its numbers end there",
}
_CODES = {
    3: "Failed: a plugin could not be kept running",
    4: "Incomplete: not all results could be kept",
    5: "Not trustworthy: the generator itself was saturated",
    130: "Interrupted",
    143: "Interrupted",
}


def reason_of(report: Mapping[str, Any]) -> str:
    """Return the reason why the run ended."""
    name = report["stopped_by"] or "it has not ended"
    return REASONS.get(name, name)


def headline_of(report: Mapping[str, Any]) -> tuple[str, str]:
    """Return the run's state (`passed`, `failed` or `open`) and a line that describes it."""
    code, broken = report["exit_code"], _broken(report)
    if code is None:
        return "open", "Killed" if report["stopped_by"] == "killed" else "Not ended"
    if code in _CODES:
        # Codes from 128 on mean the end by a signal (the shell's convention), not a verdict.
        return "failed" if code < 100 else "open", _CODES[code]
    if broken:
        return "failed", f"Failed: {broken} of {len(report['thresholds'])} thresholds broken"
    if code:
        return "failed", "Failed: requests failed, or the run is worse than its baseline"
    return "passed", "Passed" if report["thresholds"] else "Completed"


def _broken(report: Mapping[str, Any]) -> int:
    return sum(not rule["passed"] for rule in report["thresholds"])
