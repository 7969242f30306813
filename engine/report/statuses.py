"""Show how many responses came with which status code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.text import Text

from ..output.format import count


def is_telling(status: Mapping[str, int] | None) -> bool:
    """Return whether the codes tell something: there are several, or one of a failure."""
    return status is not None and (len(status) > 1 or any(map(_is_bad, status)))


def status_text(status: Mapping[str, int] | None, between: str = "  ") -> str:
    """Return `200: 12 345  503: 4`, in the order of the codes; "" if none is known."""
    # The colon keeps a code and a count such as 12 345 apart.
    return between.join(f"{code}: {count(number)}" for code, number in _ordered(status or {}))


def status_line(status: Mapping[str, int]) -> Text:
    """Return the codes for a terminal; those of failures are red."""
    line = Text(no_wrap=True, overflow="ellipsis")
    for code, number in _ordered(status):
        style = "red" if _is_bad(code) else ""
        line.append(f"{code}: ", style=f"bold {style}".strip())
        line.append(f"{count(number)}  ", style=style)
    return line


def _ordered(status: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    return sorted(status.items())


def _is_bad(code: str) -> bool:
    return int(code) >= 400
