"""Give the exit code of a load test that has ended: the contract's, for scripts and CI."""

from __future__ import annotations

from ..load.load_run import Outcome
from ..signals import signal_code


def exit_code_of(outcome: Outcome, *, strict: bool = False, fail_on_error: bool = False) -> int:
    """Return the first code that applies, in the order 4, 3, 130 or 143, 5, 1; else 0.

    Results that could not be written are 4 too, which the outcome does not know.
    """
    if any(shard.state == "lost" for shard in outcome.snapshot.shards):
        return 4
    if any(plugin.state == "given up" for plugin in outcome.plugins):
        return 3
    if outcome.signal is not None:
        return signal_code(outcome.signal)
    if strict and not outcome.health.is_trusted:
        return 5
    return int(_has_failed(outcome) or (fail_on_error and _had_failures(outcome)))


def _has_failed(outcome: Outcome) -> bool:
    is_broken = not all(verdict.passed for verdict in outcome.verdicts)
    return is_broken or outcome.stopped_by == "setup"


def _had_failures(outcome: Outcome) -> bool:
    counts = outcome.snapshot.accounting
    return bool(counts.failed or counts.not_issued or outcome.snapshot.iterations.failed)
