"""The Verdict flags: which results make a run fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import parsers
from .group import FlagGroup, Panel

_PANEL = Panel("Verdict")
flag, switch = _PANEL.flag, _PANEL.switch


def fail_if_worse_flag() -> Any:
    return flag(
        "--fail-if-worse",
        "N%",
        "Exit 1 only if something is at least N% worse; default: any significant difference.",
        parse=parsers.share,
    )


class VerdictFlags(FlagGroup):
    """The rules that a load test has to keep."""

    threshold: list[Any] | None = flag(
        "--threshold",
        "RULE",
        "Exit 1 if a rule is broken: p(95)<300, p(99){login}<500, error_rate<1%, rate>=1000."
        " Repeatable.",
        parse=parsers.threshold,
    )
    abort_on_threshold: bool = switch(
        "--abort-on-threshold", "End the load as soon as an upper bound is broken."
    )
    fail_on_error: bool = switch("--fail-on-error", "Exit 1 if a request or an iteration failed.")
    strict: bool = switch("--strict", "Exit 5 if the load generator itself was saturated.")
    baseline: Path | None = flag(
        "--baseline", "DIR", "Compare with this run directory; exit 1 if this run is worse."
    )
    fail_if_worse: float | None = fail_if_worse_flag()

    @property
    def compares(self) -> bool:
        """Whether a flag speaks of an earlier run."""
        return self.baseline is not None or self.fail_if_worse is not None


class CaseVerdictFlags(FlagGroup):
    """What a functional run does after a failure, and how long a row may take."""

    continue_on_failure: bool = switch(
        "--continue-on-failure -c", "Go on with the next step after a failed step."
    )
    case_timeout: float | None = flag(
        "--case-timeout",
        "TIME",
        "Longest time of one parameter row of a case.",
        parse=parsers.duration,
    )
