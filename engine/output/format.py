"""Format numbers for people, and make text from outside safe to print."""

from __future__ import annotations

import unicodedata


def milliseconds(seconds: float | None) -> str:
    """Return a time as ms with three or four significant digits, `-` if it is unknown."""
    return shown_ms(None if seconds is None else seconds * 1000)


def shown_ms(value: float | None) -> str:
    """Return a number of ms in the form of `milliseconds`."""
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
    """Return text from outside on one line, with control characters escaped, cut to `most`.

    A server must not be able to send escape sequences to the user's terminal.
    """
    return _escaped(text[:most]) + ("…" if len(text) > most else "")


def cut_middle(text: str, most: int) -> str:
    """Return the text with an ellipsis for its middle if it is longer than `most` characters."""
    if len(text) <= most:
        return text
    return f"{text[: most // 2]}…{text[len(text) - (most - most // 2 - 1) :]}"


def harmless_lines(text: str) -> str:
    """Return text from outside with its lines and tabs, other control characters escaped."""
    return _escaped(text, kept="\n\t")


def _escaped(text: str, kept: str = "") -> str:
    # Unicode category C: control characters, and those that change the direction of text, with
    # which a name could show as another one (CVE-2021-42574).
    return "".join(
        character
        if character in kept or unicodedata.category(character)[0] != "C"
        else character.encode("unicode_escape").decode()
        for character in text
    )


def short_path(path: str) -> str:
    """Return the last three parts of a path: the file and the two folders above it."""
    parts = harmless(path).split("/")
    return "/".join(parts) if len(parts) <= 3 else "…/" + "/".join(parts[-3:])
