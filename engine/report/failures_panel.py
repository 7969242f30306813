"""Draw the failures of a running load: the message first, then the step."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from msgspec.structs import asdict
from rich.cells import cell_len, chop_cells

from ..measure.errors import ErrorSnapshot
from ..output.format import count, cut_middle, harmless
from .failures import kind_of, text_of
from .lines import Line, Page, padded, piece
from .view import View

_COUNT = 9
_LONGEST_NAME = 32
_LONGEST_TEXT = 400


def failures_panel(errors: Sequence[ErrorSnapshot], first: int, width: int, height: int) -> Page:
    """Return a row per check as it is written, with values that came, or per other failure.

    Messages are told in full if there is room for all of them, else in one line each.
    """
    if not errors:
        return Page([[piece("no failures so far", "green")]])
    name = min(_LONGEST_NAME, width // 4)
    messages = [_message(error) for error in errors]
    longest = max(map(cell_len, messages))
    room = max(1, min(longest, width - _COUNT - name - 2))
    folded = [_folded(message, room) for message in messages]
    if sum(map(len, folded)) > height:
        folded = [[message] for message in messages]
    page = height if len(errors) <= height else max(1, height - 1)
    first = View(first=first).scrolled(0, len(errors), page).first
    shown = list(zip(errors, folded, strict=True))[first : first + page]
    lines = [line for error, texts in shown for line in _row(error, texts, room, name)]
    if len(errors) > page:
        lines.append(_more(errors[first + page :], first))
    return Page(lines, len(errors), page)


def _message(error: ErrorSnapshot) -> str:
    told = asdict(error)
    text = harmless(text_of(told), _LONGEST_TEXT)
    return text if error.check else f"{kind_of(told)}: {text}"


def _folded(text: str, room: int) -> list[str]:
    # Text without blanks between its words, as in Chinese, is cut anywhere.
    return wrap(text, room) if text.isascii() else chop_cells(text, room)


def _row(error: ErrorSnapshot, texts: Sequence[str], room: int, name: int) -> list[Line]:
    step = cut_middle(harmless(error.step), name)
    begin = [piece(f"{count(error.count):>{_COUNT - 1}} ", "bold red")]
    line = [*begin, piece(padded(texts[0], room)), piece(f"  {step}", "dim")]
    return [line, *([piece(f"{'':{_COUNT}}{text}")] for text in texts[1:])]


def _more(rest: Sequence[ErrorSnapshot], first: int) -> Line:
    above = f"{first} above" if first else ""
    below = f"{count(sum(error.count for error in rest))} in {len(rest)} more kinds" if rest else ""
    return [piece(f"{'':{_COUNT}}{', '.join(filter(None, (above, below)))}", "dim")]
