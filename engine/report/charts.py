"""Draw the course of a run: requests per second, latency, and how the latencies are spread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log

from ..measure.snapshot import Second
from ..output.format import clock, count, milliseconds
from .heat import label
from .lines import Line, in_runs, padded, piece
from .plot import BLOCKS, Dots, block, eighths, grouped, nice, sparks

OK, FAILED = "green", "red"
_TIMES: Sequence[tuple[str, str, Callable[[Second], float | None]]] = (
    ("p50", "cyan", lambda second: second.p50),
    ("p95", "bright_blue", lambda second: second.p95),
    ("p99", "magenta", lambda second: second.p99),
)
_LABEL = 8
_NOTHING = "no complete second yet"


def spark_lines(seconds: Sequence[Second], width: int) -> list[Line]:
    """Return requests per second and p95 over the run, a line each.

    Seconds with failures are red.
    """
    room = max(1, width - 22)
    groups = grouped(seconds, min(room, len(seconds)))
    rates = [_mean([second.ok + second.failed for second in group]) for group in groups]
    times = [_worst(group, _TIMES[1][2]) or 0.0 for group in groups]
    styles = [FAILED if any(second.failed for second in group) else OK for group in groups]
    most = (count(round(max(rates))), milliseconds(max(times))) if groups else ("-", "-")
    return [
        _spark_line("req/s", in_runs(zip(sparks(rates), styles, strict=True)), most[0]),
        _spark_line("p95 ms", [piece(sparks(times), _TIMES[1][1])], most[1]),
    ]


def request_chart(seconds: Sequence[Second], width: int, height: int) -> list[Line]:
    """Return requests per second as bars over the run: failed ones at the bottom, ok above."""
    title = [piece("requests/s", "bold")]
    if not seconds:
        return [title, [piece(_NOTHING, "dim")]]
    last = seconds[-1]
    title += [piece("  █ ", OK), piece(f"ok {count(last.ok)}"), piece("  █ ", FAILED)]
    title.append(piece(f"failed {count(last.failed)}", FAILED if last.failed else ""))
    rows = height - 2
    groups = grouped(seconds, max(1, width - _LABEL))
    failed = [_mean([second.failed for second in group]) for group in groups]
    ended = [_mean([second.ok + second.failed for second in group]) for group in groups]
    top = max(*ended, 1.0)
    bars = [
        (eighths(bad, top, rows), eighths(all_, top, rows))
        for bad, all_ in zip(failed, ended, strict=True)
    ]
    lines = [
        [*_tick(_rate_label(row, rows, top)), *in_runs(_cell(*bar, row) for bar in bars)]
        for row in reversed(range(rows))
    ]
    return [title, *lines, _axis(seconds, width)]


def latency_chart(seconds: Sequence[Second], width: int, height: int) -> list[Line]:
    """Return p50, p95 and p99 over the run as lines on a logarithmic scale.

    Where a column stands for several seconds, it shows the worst of them.
    """
    title = [piece("latency ms", "bold")]
    for name, style, of in _TIMES:
        value = milliseconds(of(seconds[-1])) if seconds else "-"
        title += [piece("  ━ ", style), piece(f"{name} {value}")]
    rows, columns = height - 2, max(1, width - _LABEL)
    dots = Dots(columns, rows)
    groups = grouped(seconds, dots.columns)
    worst = [[_worst(group, of) for group in groups] for _, _, of in _TIMES]
    known = [time for times in worst for time in times if time]
    if not known:
        return [title, [piece(_NOTHING, "dim")]]
    low, high = nice(min(known), up=False), nice(max(known), up=True)
    high = max(high, low * 10)
    # The last one drawn colours a character: p95 where p99 is right beside it.
    for (_, style, _), times in reversed(list(zip(_TIMES, worst, strict=True))):
        dots.draw([_share(time, low, high) for time in times], style)
    labels = _time_labels(low, high, rows)
    lines = [
        [*_tick(labels.get(row, "")), *in_runs(cells)] for row, cells in enumerate(dots.lines())
    ]
    return [title, *lines, _axis(seconds, width)]


def histogram(bands: Sequence[int], width: int, height: int) -> list[Line]:
    """Return how many latencies lie in each band, a row per band, the fastest on top.

    Fast bands that do not fit are summed up.
    """
    title = [piece("latencies", "bold")]
    used = [band for band, number in enumerate(bands) if number]
    if not used:
        return [title, [piece("none yet", "dim")]]
    first = max(used[0], used[-1] + 1 - max(1, height - 1))
    numbers = [sum(bands[: first + 1]), *bands[first + 1 : used[-1] + 1]]
    whole, most, room = sum(numbers), max(numbers), max(1, width - _LABEL - 11)
    lines = []
    for band, number in enumerate(numbers, first):
        bar = "█" * round(number / most * room) or ("▏" if number else "")
        lines.append(
            [
                piece(f"{label(band):>{_LABEL}} ", "dim"),
                piece(bar, "cyan"),
                piece(f" {number / whole:.1%}"),
            ]
        )
    return [title, *lines]


def _spark_line(name: str, line: Line, most: str) -> Line:
    return [piece(f"{name:<7}", "bold"), *line, piece(f" max {most}", "dim")]


def _cell(failed: int, whole: int, row: int) -> tuple[str, str]:
    """Return the character of a bar in a row. The failed part hides the ok part behind it."""
    bad, all_ = block(failed, row), block(whole, row)
    if bad:
        return BLOCKS[bad], f"{FAILED} on {OK}" if all_ > bad else FAILED
    return BLOCKS[all_], OK


def _rate_label(row: int, rows: int, top: float) -> str:
    if row == rows - 1:
        return count(round(top))
    return "0" if row == 0 else ""


def _time_labels(low: float, high: float, rows: int) -> dict[int, str]:
    """Return the labels of a logarithmic scale by row, counted from the top."""
    labels = {rows - 1: f"{low * 1000:g}"}
    tick = nice(low * 1.1, up=True)
    while tick <= high * 1.001:
        row = rows - 1 - min(rows - 1, int((_share(tick, low, high) or 0.0) * rows))
        if row < min(labels) - (rows > 8):
            labels[row] = f"{tick * 1000:g}"
        tick = nice(tick * 1.1, up=True)
    return labels


def _tick(text: str) -> Line:
    return [piece(f"{text:>{_LABEL - 1}} ", "dim")]


def _axis(seconds: Sequence[Second], width: int) -> Line:
    start, end = clock(max(0, seconds[0].t - 1)), clock(max(0, seconds[-1].t))
    line = "─" * max(0, width - _LABEL - len(start) - len(end) - 2)
    return [piece(padded(f"{'':{_LABEL}}{start} {line} {end}", width), "dim")]


def _share(time: float | None, low: float, high: float) -> float | None:
    return None if not time else log(time / low) / log(high / low)


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values)


def _worst(group: Sequence[Second], of: Callable[[Second], float | None]) -> float | None:
    return max((time for second in group if (time := of(second)) is not None), default=None)
