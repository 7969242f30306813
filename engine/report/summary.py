"""What stands in the terminal after the run."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from ..load.run import Outcome
from ..load.shape import Load
from ..load.verdict import limit_of
from ..measure.thresholds import Verdict
from ..scenario.plugin import PluginView
from .format import count, harmless, megabytes, rate
from .tables import errors_table, plugins_lines, steps_table

_REASONS = {
    "duration": "the duration was over",
    "iterations": "all iterations were done",
    "signal": "interrupted",
    "plugin": "a plugin was given up",
    "threshold": "a threshold was broken",
    "stages": "all stages were done",
    "error": "a fault of boomtalk",
}


def summary(
    outcome: Outcome, load: Load, plugins: Sequence[PluginView], width: int, after_live: bool
) -> RenderableType:
    """Return verdict, accounting, steps, failures and the plugin bill.

    The steps are left out `after_live`: the last frame of the live table stands above.
    """
    snapshot = outcome.snapshot
    parts: list[RenderableType] = [Text(), _accounting(outcome), _iterations(outcome)]
    if outcome.never_started:
        parts.append(
            Text(
                f"ended before all users were started: {outcome.never_started} of {load.users}"
                " never ran",
                style="yellow",
            )
        )
    parts += [_verdict(outcome, load, plugins), *map(_threshold, outcome.verdicts)]
    if not after_live:
        parts.append(steps_table(snapshot, width))
    if snapshot.errors:
        parts += [Text("failures", style="bold"), errors_table(snapshot.errors, 20)]
    if plugins:
        averages = {view.path: view.calls / max(snapshot.measured, 1e-9) for view in plugins}
        parts += [Text("plugins", style="bold"), plugins_lines(plugins, averages, ended=True)]
    return Group(*parts)


def _threshold(verdict: Verdict) -> Text:
    mark, style = ("✓", "green") if verdict.passed else ("✗", "red")
    value = "no data" if verdict.value is None else f"{verdict.value:.6g}"
    return Text.assemble(
        ("threshold   ", "bold"), (f"{mark} ", style), harmless(verdict.expression), f"  ({value})"
    )


def _accounting(outcome: Outcome) -> Text:
    snapshot, counts = outcome.snapshot, outcome.snapshot.accounting
    failed_style = "red" if counts.failed else ""
    return Text.assemble(
        ("requests    ", "bold"),
        f"issued {count(counts.issued)} = ok {count(counts.ok)} + ",
        (f"failed {count(counts.failed)}", failed_style),
        f" + cancelled {count(counts.cancelled)}",
        f"   not issued {count(counts.not_issued)}   on the wire {count(outcome.wire.requests)}",
        f"   {rate(counts.ok / max(snapshot.measured, 1e-9))} ok/s",
    )


def _iterations(outcome: Outcome) -> Text:
    counts = outcome.snapshot.iterations
    reason = _REASONS.get(outcome.stopped_by or "", outcome.stopped_by)
    return Text.assemble(
        ("iterations  ", "bold"),
        f"started {count(counts.started)} = completed {count(counts.completed)}"
        f" + failed {count(counts.failed)} + interrupted {count(counts.interrupted)}",
        f"   {outcome.snapshot.measured:.1f} s, {reason}",
    )


def _verdict(outcome: Outcome, load: Load, plugins: Sequence[PluginView]) -> Text:
    health = outcome.health
    limit = limit_of(outcome.snapshot, health, plugins, load)
    text = Text.assemble(
        ("generator   ", "bold"),
        f"{health.cpu_mean:.0f} % of one core, {megabytes(health.rss_peak)},",
        f" limited by: {limit.name} ({limit.evidence})",
    )
    if not health.is_trusted:
        text.append(
            f"\nNOT TRUSTWORTHY: the generator itself fell behind in {health.bad_seconds} and was"
            f" close to it in {health.degraded_seconds} of {health.seconds} s",
            style="bold yellow",
        )
    return text
