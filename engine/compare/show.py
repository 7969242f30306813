"""Show a comparison to people (terminal, Markdown) and to programs (plain values)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..output.format import harmless, milliseconds, rate
from ..report.markdown import plain, row_of
from .comparison import BETTER, NO_DIFFERENCE, TOO_SHORT, WORSE, Change, Comparison, Side
from .figures import Figure
from .slices import FEWEST_SECONDS, TOTAL, Key

SCHEMA = 1
_HEAD = ("step", "figure", "A", "B", "change", "99 % interval", "")
_STYLES = {WORSE: "bold red", BETTER: "bold green"}
# Smaller shares of a generator's own delay are not worth a line.
_LEAST_OWN = 0.005
_SENTENCES = {
    WORSE: "B is worse than A",
    BETTER: "B is better than A",
    NO_DIFFERENCE: "no difference beyond noise",
}


def shown(comparison: Comparison) -> RenderableType:
    """Return the comparison for a terminal."""
    parts: list[RenderableType] = [
        Text(f"warning     {harmless(line)}", style="yellow") for line in comparison.warnings
    ]
    parts += [Text(f"{name}           {_about(side)}") for name, side in _sides(comparison)]
    if comparison.changes:
        parts.append(_table(comparison))
    parts += [Text(line) for line in _missing(comparison)]
    parts += [Text(f"{name:<12}{line}") for name, line in _limits(comparison)]
    style = _STYLES.get(comparison.verdict, "bold")
    return Group(*parts, Text(f"comparison  {headline(comparison)}", style=style))


def markdown(comparison: Comparison) -> str:
    """Return the comparison as GitHub's Markdown, for a pull request."""
    lines = [f"### Load test: {headline(comparison)}", ""]
    lines += [f"- **{name}**: {plain(_about(side))}" for name, side in _sides(comparison)]
    lines += [f"- warning: {plain(line)}" for line in comparison.warnings]
    lines += [f"- {plain(line)}" for line in _missing(comparison)]
    lines += [f"- {plain(line)}" for _, line in _limits(comparison)]
    if comparison.changes:
        lines += ["", row_of(_HEAD), "|---|---|--:|--:|--:|--:|---|"]
        for change, cells in _rows(comparison):
            mark = "**" if change.verdict in _STYLES else ""
            *others, verdict = map(plain, cells)
            lines.append(row_of((*others, f"{mark}{verdict}{mark}")))
    return "\n".join(lines) + "\n"


def as_dict(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as plain values. Times are in ms, changes and shares are fractions."""
    return {
        "schema": SCHEMA,
        "verdict": comparison.verdict,
        **{name.lower(): _side(side) for name, side in _sides(comparison)},
        "warnings": list(comparison.warnings),
        "changes": [_change(change) for change in comparison.changes],
        "only_in_a": [_step(step) for step in comparison.only_in_a],
        "only_in_b": [_step(step) for step in comparison.only_in_b],
    }


def headline(comparison: Comparison) -> str:
    """Return the verdict over all changes in a few words."""
    if comparison.verdict != TOO_SHORT:
        return _SENTENCES[comparison.verdict]
    lengths = " and ".join(f"{side.steady.seconds} s" for _, side in _sides(comparison))
    return f"{TOO_SHORT}: {lengths} of steady load, at least {FEWEST_SECONDS} s are needed"


def _table(comparison: Comparison) -> Table:
    table = Table(
        box=SIMPLE_HEAD, pad_edge=False, expand=True, show_edge=False, padding=(0, 1, 0, 0)
    )
    table.add_column(_HEAD[0], ratio=1, min_width=8, no_wrap=True, overflow="ellipsis")
    table.add_column(_HEAD[1], no_wrap=True, style="dim")
    for name in _HEAD[2:-1]:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column(_HEAD[-1], no_wrap=True)
    before: Key | None = None
    for change, (label, *cells) in _rows(comparison):
        name = harmless(label) if change.step != before else ""
        table.add_row(*map(Text, (name, *cells)), style=_STYLES.get(change.verdict, ""))
        before = change.step
    return table


def _rows(comparison: Comparison) -> Iterator[tuple[Change, Sequence[str]]]:
    """Yield each change with the texts of its line of the table."""
    names = Counter(name for _, name, _ in {change.step for change in comparison.changes})
    for change in comparison.changes:
        case, name, _ = change.step
        label = "total" if change.step == TOTAL else f"{case}/{name}" if names[name] > 1 else name
        figure = change.figure
        values = (_shown(figure, value) for value in (change.before, change.after))
        yield change, (label, _unit(figure), *values, *_size(change), change.verdict)


def _size(change: Change) -> tuple[str, str]:
    if change.change is None or change.low is None or change.high is None:
        return "-", ""
    moved, low, high = (
        _moved(change.figure, one) for one in (change.change, change.low, change.high)
    )
    return moved, f"{low} … {high}"


def _moved(figure: Figure, change: float) -> str:
    return f"{change * 100:+.2f}" if figure.is_share else f"{change * 100:+.1f} %"


def _shown(figure: Figure, value: float | None) -> str:
    if value is None:
        return "-"
    if figure.is_share:
        return f"{value * 100:.2f}"
    return rate(value) if figure.name == "rate" else milliseconds(value)


def _unit(figure: Figure) -> str:
    if figure.is_share:
        return f"{figure.name} %"
    return f"{figure.name} {'/s' if figure.name == 'rate' else 'ms'}"


def _missing(comparison: Comparison) -> Iterator[str]:
    for name, steps in (("A", comparison.only_in_a), ("B", comparison.only_in_b)):
        if steps and comparison.changes:
            yield f"only in {name}: " + ", ".join(harmless(step[1]) for step in steps)


def _limits(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Yield what the comparison cannot see because of noise and of the generators' own delays."""
    seen = [
        f"{change.figure.name} {change.least_seen * 100:.1f} %"
        for change in comparison.changes
        if change.step == TOTAL and change.least_seen is not None and not change.figure.is_share
    ]
    if seen:
        yield "noise", f"smaller changes of the total cannot be seen: {', '.join(seen)}"
    own = [
        f"{change.figure.name} {max(change.own) * 100:.1f} %"
        for change in comparison.changes
        if change.step == TOTAL and max(change.own) >= _LEAST_OWN
    ]
    if own:
        yield "accuracy", f"intervals are wider by a generator's own delays: {', '.join(own)}"


def _sides(comparison: Comparison) -> tuple[tuple[str, Side], tuple[str, Side]]:
    return ("A", comparison.a), ("B", comparison.b)


def _about(side: Side) -> str:
    report = side.report
    name = f" {harmless(report['name'])}" if report["name"] else ""
    users = report["load"]["users"]
    return f"{report['started_at']}{name}, {users} users, {side.steady.seconds} s compared"


def _side(side: Side) -> dict[str, Any]:
    names = ("name", "tags", "started_at", "load")
    health = side.report["health"]
    return {
        **{name: side.report[name] for name in names},
        "seconds": side.steady.seconds,
        "trusted": health["trusted"],
        "latency_error_ms": health.get("latency_error_ms"),
    }


def _step(step: Key) -> dict[str, str]:
    return dict(zip(("case", "name", "type"), step, strict=True))


def _change(change: Change) -> dict[str, Any]:
    figure = change.figure
    is_time = figure.name != "rate" and not figure.is_share
    factor, name = (1000, f"{figure.name}_ms") if is_time else (1, figure.name)
    numbers = {"change": change.change, "low": change.low, "high": change.high}
    values = {"a": change.before, "b": change.after}
    return {
        **_step(change.step),
        "figure": name.replace(" ", "."),
        **{side: None if one is None else round(one * factor, 6) for side, one in values.items()},
        **{key: None if one is None else round(one, 6) for key, one in numbers.items()},
        "own_share": dict(zip("ab", (round(one, 6) for one in change.own), strict=True)),
        "verdict": change.verdict,
    }
