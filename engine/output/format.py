"""Numbers as people read them, in fixed widths; and foreign text made harmless."""

from __future__ import annotations

import unicodedata


def milliseconds(seconds: float | None) -> str:
    """Return a time in ms with three or four significant digits, `-` if unknown."""
    return shown_ms(None if seconds is None else seconds * 1000)


def shown_ms(value: float | None) -> str:
    """Return so many ms as `milliseconds` does."""
    if value is None:
        return "-"
    if value < 10:
        return f"{value:.2f}"
    return f"{value:.1f}" if value < 1000 else f"{value:,.0f}".replace(",", " ")


def count(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def rate(per_second: float) -> str:
    return f"{per_second:,.1f}".replace(",", " ") if per_second < 1000 else count(round(per_second))


def clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def megabytes(size: int | None) -> str:
    return "-" if size is None else f"{size / 1_000_000:.0f} MB"


def harmless(text: str, most: int = 200) -> str:
    """Return foreign text on one line: control characters as escapes, cut to `most`."""
    return _escaped(text[:most]) + ("…" if len(text) > most else "")


def harmless_lines(text: str) -> str:
    """Return foreign text with its lines and tabs, other control characters as escapes."""
    return _escaped(text, kept="\n\t")


def _escaped(text: str, kept: str = "") -> str:
    return "".join(
        character
        if character in kept or unicodedata.category(character)[0] != "C"
        else character.encode("unicode_escape").decode()
        for character in text
    )


def short_path(path: str) -> str:
    """Return the end of a path: the file and the two folders it is in."""
    parts = harmless(path).split("/")
    return "/".join(parts) if len(parts) <= 3 else "…/" + "/".join(parts[-3:])
