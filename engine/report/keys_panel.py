"""Say which keys there are during a run."""

from __future__ import annotations

from collections.abc import Sequence

from .lines import Line, piece

FOOTER = "? keys  q stop  p pause  +/- users  ↑↓ scroll  o sort  f failures  h heat map"
_KEYS: Sequence[tuple[str, str]] = (
    ("q", "stop the run, as Ctrl-C does"),
    ("p", "pause new iterations, or go on"),
    ("+  -", "a tenth of the users more, or fewer"),
    ("m", "set a mark in the report"),
    ("s", "save a snapshot next to the report"),
    ("↑ ↓  PgUp PgDn  Home End", "scroll the steps or the failures"),
    ("1 2 3 4", "sort the steps by file order, failures, p95, rate"),
    ("o  <  >", "next, previous, next order"),
    ("f", "failures: the checks, and values that came"),
    ("h", "heat map of the latency over time"),
    ("?", "these keys"),
)
_WIDTH = 26


def keys_panel() -> list[Line]:
    return [[piece(f"  {keys:<{_WIDTH}}", "bold"), piece(what)] for keys, what in _KEYS]
