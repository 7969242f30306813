"""Draw two lines over one logarithmic axis as SVG, for light and for dark pages."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 720, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 640, 50, 290
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #444 }
.line { fill: none; stroke-width: 2 } .grid { stroke: #8884 }
.first { stroke: #0969da } .second { stroke: #bc4c00; stroke-dasharray: 6 4 }
text.first { fill: #0969da; stroke: none } text.second { fill: #bc4c00; stroke: none }
circle { stroke: none } circle.first { fill: #0969da } circle.second { fill: #bc4c00 }
@media (prefers-color-scheme: dark) {
  text { fill: #ccc } .first { stroke: #58a6ff } .second { stroke: #f0883e }
  text.first, circle.first { fill: #58a6ff } text.second, circle.second { fill: #f0883e }
}
"""


@dataclass(frozen=True, slots=True)
class Series:
    """The name and the points (x, y) of a line; x is above 0, y is not negative."""

    name: str
    points: Sequence[tuple[float, float]]

    @property
    def top(self) -> float:
        """Return the round number that the axis ends with."""
        most = max((y for _, y in self.points), default=0) or 1
        size: float = 10 ** math.floor(math.log10(most))
        return next(step * size for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * size >= most)


def chart(axis: str, first: Series, second: Series) -> str:
    """Return the drawing; the first series has its scale on the left, the second on the right."""
    title = escape(f"{first.name} and {second.name} against {axis}")
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        f"<title>{title}</title><style>{_STYLE}</style>",
        *_grid(first, second),
        *_ticks([x for x, _ in first.points]),
        _text((_LEFT + _RIGHT) / 2, _HEIGHT - 8, f"{axis} (logarithmic)", anchor="middle"),
        _text(_LEFT, 24, first.name, "first"),
        _text(_RIGHT, 24, second.name, "second", "end"),
        *_line(first, "first"),
        *_line(second, "second"),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _grid(first: Series, second: Series) -> Iterator[str]:
    for quarter in range(5):
        y = _BOTTOM - (_BOTTOM - _TOP) * quarter / 4
        yield f'<path class="grid" d="M{_LEFT} {y:g}H{_RIGHT}"/>'
        yield _text(_LEFT - 8, y + 4, f"{first.top * quarter / 4:,.6g}", "first", "end")
        yield _text(_RIGHT + 8, y + 4, f"{second.top * quarter / 4:,.6g}", "second")


def _ticks(xs: Sequence[float]) -> Iterator[str]:
    for x in xs:
        yield _text(_across(x, xs), _BOTTOM + 20, f"{x:,.0f}", anchor="middle")


def _line(series: Series, css: str) -> Iterator[str]:
    xs = [x for x, _ in series.points]
    height = (_BOTTOM - _TOP) / series.top
    points = [(_across(x, xs), _BOTTOM - y * height) for x, y in series.points]
    pairs = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    yield f'<polyline class="line {css}" points="{pairs}"/>'
    yield from (f'<circle class="{css}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)


def _across(x: float, xs: Sequence[float]) -> float:
    low, high = math.log10(min(xs)), math.log10(max(xs))
    return _LEFT + (_RIGHT - _LEFT) * ((math.log10(x) - low) / (high - low) if high > low else 0.5)


def _text(x: float, y: float, text: str, css: str = "", anchor: str = "start") -> str:
    kind = f' class="{css}"' if css else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{kind}>{escape(text)}</text>'
