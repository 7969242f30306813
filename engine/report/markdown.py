"""Write the report as Markdown for a pull request or a chat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..output.format import count, harmless, megabytes, rate, shown_ms
from .doubt import doubt_in
from .failures import kind_of, text_of
from .headline import headline_of, reason_of
from .statuses import is_telling, status_text

_SIGNS = {"passed": "✅", "failed": "❌", "open": "⚠️"}
_TIMES = ("p50", "p95", "p99", "max")
_TIME_HEADS = tuple(f"{name} ms" for name in _TIMES)
_MOST_FAILURES = 20
# Characters that may start emphasis, code, a link, an image, a table cell, a formula or HTML.
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&$]")
# GitHub decodes entities before it looks for @mentions, so "&#64;name" would still notify a
# person. An invisible character after the @ prevents that.
_NOBODY = "@\N{WORD JOINER}"


def markdown_of(report: Mapping[str, Any]) -> bytes:
    """Return the verdict, accounting, thresholds, steps, failures and the cost of plugins."""
    parts = [
        _head(report),
        _accounting(report),
        _thresholds(report["thresholds"]),
        _steps(report),
        _failures(report["errors"]),
        _plugins(report["plugins"]),
    ]
    return ("\n\n".join(part for part in parts if part) + "\n").encode()


def _head(report: Mapping[str, Any]) -> str:
    state, headline = headline_of(report)
    name = report["name"] or next((step["case"] for step in report["steps"]), "load test")
    lines = [f"### {_SIGNS[state]} {plain(name)}: {plain(headline, 500)}"]
    health = report["health"]
    if doubt := doubt_in(report):
        lines.append(f"⚠️ {plain(doubt)}")
    lines.append(
        f"Limited by: {health['limited_by'].replace('_', ' ')} ({plain(health['evidence'])})"
    )
    return "\n\n".join(lines)


def _accounting(report: Mapping[str, Any]) -> str:
    requests, iterations, load = report["accounting"], report["iterations"], report["load"]
    issued = _equation("issued", requests, ("ok", "failed", "cancelled", "in_flight"))
    started = _equation("started", iterations, ("completed", "failed", "interrupted"))
    peak, reason = count(load["peak_users"]), reason_of(report)
    lines = [
        f"- requests: {issued}; not issued {count(requests['not_issued'])}",
        f"- iterations: {started}; dropped {count(iterations['dropped'])}",
        f"- {report['duration']:.1f} s, {load['model']} load, at most {peak} users; {reason}",
    ]
    if codes := status_text(report["total"].get("status"), ", "):
        lines.append(f"- responses by status code: {codes}")
    return "\n".join(lines)


def _equation(whole: str, counts: Mapping[str, int], parts: Iterable[str]) -> str:
    shown = [name for name in parts if name != "in_flight" or counts[name]]
    told = " + ".join(f"{name.replace('_', ' ')} {count(counts[name])}" for name in shown)
    return f"{whole} **{count(counts[whole])}** = {told}"


def _thresholds(rules: Sequence[Mapping[str, Any]]) -> str:
    rows = (
        (
            "✅" if rule["passed"] else "❌",
            plain(rule["expression"]),
            "no data" if rule["value"] is None else f"{rule['value']:.6g}",
        )
        for rule in rules
    )
    return _table(("", "threshold", "was"), rows, texts=2)


def _steps(report: Mapping[str, Any]) -> str:
    names = ["issued", "ok", "failed", "not issued", "ok/s", *_TIME_HEADS]
    rows = [_step(plain(step["name"]), step) for step in report["steps"]]
    if len(rows) > 1:
        rows.append(_step("**all steps**", report["total"]))
    if is_telling(report["total"].get("status")):
        names.append("status")
        steps = (*report["steps"], report["total"])
        rows = [
            (*row, status_text(step["status"], ", "))
            for row, step in zip(rows, steps, strict=False)
        ]
    return _table(("step", *names), rows)


def _step(name: str, step: Mapping[str, Any]) -> tuple[str, ...]:
    counts = (count(step[key]) for key in ("issued", "ok", "failed", "not_issued"))
    times = (shown_ms(step["latency_ms"][key]) for key in _TIMES)
    return (name, *counts, rate(step["rate"]), *times)


def _failures(errors: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        (
            plain(kind_of(error)),
            plain(error["step"]),
            plain(text_of(error)),
            count(error["count"]),
        )
        for error in errors[:_MOST_FAILURES]
    ]
    if rest := errors[_MOST_FAILURES:]:
        rows.append((f"{len(rest)} more kinds", "", "", count(sum(e["count"] for e in rest))))
    return _table(("failure", "step", "message", "count"), rows, texts=3)


def _plugins(plugins: Sequence[Mapping[str, Any]]) -> str:
    return "\n\n".join(part for plugin in plugins for part in _plugin(plugin) if part)


def _plugin(plugin: Mapping[str, Any]) -> Iterator[str]:
    memory = plugin["rss_peak_mb"]
    yield (
        f"Plugin {plain(plugin['path'])}: {plugin['starts']} start(s),"
        f" {megabytes(None if memory is None else round(memory * 1_000_000))},"
        f" {count(plugin['calls'])} calls"
    )
    rows = (
        (
            plain(function["name"]),
            count(function["calls"]),
            count(function["errors"]),
            *(shown_ms(function["run_ms"][name]) for name in _TIMES),
        )
        for function in plugin["functions"]
    )
    yield _table(("function", "calls", "errors", *_TIME_HEADS), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], texts: int = 1) -> str:
    """Return a table, or "" if there are no rows. The first `texts` columns are not numbers."""
    lines = [row_of(row) for row in rows]
    if not lines:
        return ""
    marks = ["---"] * texts + ["---:"] * (len(head) - texts)
    return "\n".join((row_of(head), row_of(marks), *lines))


def row_of(cells: Iterable[str]) -> str:
    """Return a line of a table; its cells are Markdown already."""
    return f"| {' | '.join(cells)} |"


def plain(text: str, most: int = 200) -> str:
    """Return text from outside on one line, without any markup, link or mention in it."""
    plain = _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", harmless(text, most))
    return plain.replace("@", _NOBODY)
