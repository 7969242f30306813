"""Say in one line what happened in a run, and how well it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..output.format import count
from ..output.reasons import reason_of_row

REASONS: Mapping[str, str] = {
    "duration": "the duration was over",
    "iterations": "all iterations were done",
    "signal": "interrupted",
    "caller": "the program that ran it stopped it",
    "plugin": "a plugin was given up",
    "threshold": "a threshold was broken",
    "stages": "all stages were done",
    "data": "the unique data rows were used up",
    "shard": "a shard was lost",
    "setup": "a step with once: run failed",
    "error": "an internal error of boomtalk",
    "killed": "the run was killed; its numbers end there",
}
_CODES = {
    3: "Failed: a plugin could not be kept running",
    4: "Incomplete: not all results could be kept",
    5: "Not trusted: the generator itself disturbed the results",
    130: "Interrupted",
    143: "Interrupted",
}
# From good to bad: green, amber, red.
_STATES = ("passed", "open", "failed")
_LONGEST_REASON = 300


def reason_of(report: Mapping[str, Any]) -> str:
    """Return the reason why the run ended."""
    name = report["stopped_by"] or "it has not ended"
    return REASONS.get(name, name)


def headline_of(report: Mapping[str, Any]) -> tuple[str, str]:
    """Return the run's state and a line that describes it.

    The state is `failed` if the run failed or every request did, `open` if some requests failed
    or the run was cut, else `passed`. The exit code has no say in what happened to the requests.
    """
    if _is_running(report) and not _failures(report["accounting"]):
        return "passed", "Running"
    state, verdict = _verdict(report)
    result, happened = _happened(report)
    state = max(state, result, key=_STATES.index)
    if not happened:
        return state, verdict
    if verdict in ("Completed", "Passed") and result == "failed":
        return state, happened[0].upper() + happened[1:]
    return state, f"{verdict}; {happened}"


def _verdict(report: Mapping[str, Any]) -> tuple[str, str]:
    """Return the state and the words for the end of the run and its rules."""
    code, rules = report["exit_code"], report["thresholds"]
    if code is None:
        return "open", "Killed" if report["stopped_by"] == "killed" else "Running"
    if code in _CODES:
        # Codes from 128 on mean the end by a signal (the shell's convention), not a verdict.
        return "failed" if code < 100 else "open", _CODES[code]
    if report["stopped_by"] == "setup":
        return "failed", "Failed: no load was started, because a step with once: run failed"
    if broken := sum(not rule["passed"] for rule in rules):
        return "failed", f"Failed: {broken} of {len(rules)} thresholds broken"
    if code:
        return "failed", "Failed: requests failed, or the run is worse than its baseline"
    return "passed", "Passed" if rules else "Completed"


def _happened(report: Mapping[str, Any]) -> tuple[str, str]:
    """Return the state and the words for what happened to the requests; "" if all went well."""
    counts = report["accounting"]
    ok, failed = counts["ok"], _failures(counts)
    if not counts["issued"]:
        return _nothing_sent(report)
    if failed and not ok:
        all_of_them = "the only request" if failed == 1 else f"all {count(failed)} requests"
        return "failed", f"{all_of_them} failed{_because(report)}"
    if failed:
        share = _percent(failed / (ok + failed))
        told = f"{count(failed)} of {count(ok + failed)} requests failed ({share})"
        return "open", f"{told}{_because(report)}"
    if not ok:
        return "open", f"no response came: {count(counts['issued'])} requests were cut by the end"
    return "passed", ""


def _is_running(report: Mapping[str, Any]) -> bool:
    return report["exit_code"] is None and report["stopped_by"] != "killed"


def _failures(counts: Mapping[str, int]) -> int:
    return counts["failed"] + counts["not_issued"]


def _nothing_sent(report: Mapping[str, Any]) -> tuple[str, str]:
    counts = report["iterations"]
    if failed := report["accounting"]["not_issued"]:
        return "failed", f"nothing was sent: {count(failed)} failures{_because(report)}"
    if not counts["started"]:
        dropped = f", {count(counts['dropped'])} were dropped" if counts["dropped"] else ""
        return "open", f"nothing was sent: no iteration began{dropped}"
    if report["steps"]:
        return "open", "nothing was sent: no iteration came to a request"
    return "open", "nothing was sent: the cases have no requests"


def _because(report: Mapping[str, Any]) -> str:
    why = why_of(report["errors"])
    return f": {why}" if why else ""


def why_of(errors: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the reason of the failures, or the most frequent one with its share."""
    reasons: Counter[str] = Counter()
    for error in errors:
        reasons[reason_of_row(error)] += error["count"]
    if not reasons:
        return None
    (reason, number), *_ = reasons.most_common(1)
    shown = reason if len(reason) <= _LONGEST_REASON else f"{reason[:_LONGEST_REASON]}…"
    if len(reasons) == 1:
        return f"every {shown}" if shown.startswith("check ") else shown
    return f"{shown} ({_percent(number / reasons.total())} of the failures)"


def _percent(share: float) -> str:
    """Return a share as percent; some are never shown as none or all."""
    if 0 < share < 0.001:
        return "< 0.1 %"
    return "> 99.9 %" if 0.999 < share < 1 else f"{share:.1%}".replace("%", " %")
