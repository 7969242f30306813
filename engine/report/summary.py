"""Show the summary of a run in the terminal, from its report alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from ..output.format import count, harmless, rate, short_path, shown_ms
from .doubt import doubt_in
from .headline import headline_of, reason_of
from .statuses import is_telling, status_line
from .tables import errors_table, rows_of_report, steps_table

_STYLES = {"passed": "bold green", "open": "bold yellow", "failed": "bold red"}


def summary(report: Mapping[str, Any], width: int, *, steps: bool = True) -> RenderableType:
    """Return the accounting, verdict, steps, failures and the cost of plugins.

    `steps` is false if the last frame of the live table, which has them, is still on the screen.
    """
    parts: list[RenderableType] = [Text(), _accounting(report), _iterations(report)]
    if is_telling(status := report["total"].get("status")):
        parts.append(Text.assemble(("status      ", "bold"), status_line(status)))
    if never := report["load"]["never_started"]:
        users = report["load"]["users"]
        text = f"ended before all users were started: {never} of {users} never ran"
        parts.append(Text(text, style="yellow"))
    parts += [_lost(shard) for shard in report["shards"] or () if shard["state"] == "lost"]
    parts += [_verdict(report), *map(_threshold, report["thresholds"])]
    if steps:
        parts.append(steps_table(rows_of_report(report), width))
    if errors := report["errors"]:
        parts += [Text("failures", style="bold"), errors_table(errors, 20)]
    if report["plugins"]:
        parts += [Text("plugins", style="bold"), *_plugin_bill(report)]
    return Group(*parts, _headline(report))


def _headline(report: Mapping[str, Any]) -> Text:
    state, words = headline_of(report)
    return Text.assemble(("verdict     ", "bold"), (harmless(words, 500), _STYLES[state]))


def _threshold(verdict: Mapping[str, Any]) -> Text:
    mark, style = ("✓", "green") if verdict["passed"] else ("✗", "red")
    value = "no data" if verdict["value"] is None else f"{verdict['value']:.6g}"
    return Text.assemble(
        ("threshold   ", "bold"),
        (f"{mark} ", style),
        harmless(verdict["expression"]),
        f"  ({value})",
    )


def _lost(shard: Mapping[str, Any]) -> Text:
    text = f"LOST shard {shard['id']} on {shard['host']} ({shard['users']} users)"
    text += f" at {shard['lost_at']:.1f} s, about {count(shard['missing'] or 0)} requests missing"
    return Text(harmless(f"{text}: {shard['why']}"), style="bold red")


def _accounting(report: Mapping[str, Any]) -> Text:
    counts = report["accounting"]
    flying = f" + in flight {count(counts['in_flight'])}" if counts["in_flight"] else ""
    return Text.assemble(
        ("requests    ", "bold"),
        f"issued {count(counts['issued'])} = ok {count(counts['ok'])} + ",
        (f"failed {count(counts['failed'])}", "red" if counts["failed"] else ""),
        f" + cancelled {count(counts['cancelled'])}{flying}",
        f"   not issued {count(counts['not_issued'])}",
        f"   on the wire {count(report['wire']['requests'])}",
        f"   {rate(counts['ok'] / max(report['duration'], 1e-9))} ok/s",
    )


def _iterations(report: Mapping[str, Any]) -> Text:
    counts = report["iterations"]
    reason = reason_of(report)
    dropped = counts["dropped"]
    ended = counts["completed"] + counts["failed"] + counts["interrupted"]
    under_way = counts["started"] - ended  # above 0 only if the run was killed
    return Text.assemble(
        ("iterations  ", "bold"),
        f"started {count(counts['started'])} = completed {count(counts['completed'])}"
        f" + failed {count(counts['failed'])} + interrupted {count(counts['interrupted'])}",
        f" + under way {count(under_way)}" if under_way else "",
        (f"   dropped {count(dropped)}" if dropped else "", "yellow"),
        f"   {report['duration']:.1f} s, {reason}",
    )


def _verdict(report: Mapping[str, Any]) -> Text:
    health = report["health"]
    text = Text.assemble(
        ("generator   ", "bold"),
        f"{health['cpu_percent']['mean']:.0f} % of one core, {health['rss_peak_mb']:.0f} MB,",
        f" limited by: {health['limited_by']} ({harmless(health['evidence'])})",
    )
    if doubt := doubt_in(report):
        text.append(f"\n{doubt}", style="yellow" if health["trusted"] else "bold yellow")
    return text


def _plugin_bill(report: Mapping[str, Any]) -> list[Text]:
    seconds = max(report["duration"] + report["warmup"]["duration"], 1e-9)
    return [_bill_line(plugin, seconds) for plugin in report["plugins"]]


def _bill_line(plugin: Mapping[str, Any], seconds: float) -> Text:
    memory = plugin["rss_peak_mb"]
    line = Text.assemble(
        f"  {plugin['starts']} start, {'-' if memory is None else f'{memory:.0f} MB'}",
        f"  {count(plugin['calls'])} calls,  {rate(plugin['calls'] / seconds)} calls/s",
        f"  run p95 {shown_ms(plugin['run_ms']['p95'])}",
        f" + wait {shown_ms(plugin['wait_ms']['p95'])} ms",
        overflow="fold",
    )
    failed = sum(plugin[name] for name in ("errors", "timeouts", "crashed", "unavailable"))
    if failed or plugin["restarts"]:
        line.append(f"  {count(failed)} failed, {plugin['restarts']} restarts", style="red")
    line.append(f"  {short_path(plugin['path'])}", style="bold")
    return line
