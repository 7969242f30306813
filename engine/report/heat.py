"""Draw latency over time as a heat map: a column per second, a row per latency band."""

from __future__ import annotations

from collections.abc import Sequence

from ..measure.snapshot import BANDS, Second
from .lines import Line, piece

_SHADES = " ·░▒▓█"
_LABEL = 9


def heat_map(seconds: Sequence[Second], width: int) -> list[Line]:
    """Return the last seconds that fit into the width; the slowest band is on top."""
    shown = [second for second in seconds if second.bands][-max(1, width - _LABEL - 2) :]
    if not shown:
        return [[piece("no complete second yet", "dim")]]
    most = max(max(second.bands) for second in shown) or 1
    used = [band for second in shown for band, number in enumerate(second.bands) if number] or [0]
    rows: list[Line] = []
    for band in reversed(range(min(used), max(used) + 1)):
        cells = "".join(shade(second.bands[band], most) for second in shown)
        rows.append([piece(f"{label(band):>{_LABEL}} ", "dim"), piece(cells)])
    ends = f"{shown[0].t:>{_LABEL + 2}} s … {shown[-1].t} s"
    return [[piece("latency per second", "bold")], *rows, [piece(ends, "dim")]]


def label(band: int) -> str:
    """Return the name of a band, its upper edge."""
    if band == len(BANDS):
        return f">={BANDS[-1]:g} s"
    edge = BANDS[band]
    return f"<{edge:g} s" if edge >= 1 else f"<{edge * 1000:g} ms"


def shade(number: int, most: int) -> str:
    """Return a darker block for a larger number; only 0 gives a blank."""
    if number == 0:
        return _SHADES[0]
    return _SHADES[1 + min(len(_SHADES) - 2, int((len(_SHADES) - 1) * number / (most + 1)))]
