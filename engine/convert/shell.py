"""Split shell commands into words, with quotes and line continuations resolved as in bash."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..case.nodes import SourceError

_PIECE = re.compile(
    r"""(?P<blank>[ \t\r]+|\\\r?\n)
    |(?P<comment>(?<![^\s;&|])\#[^\n]*)
    |(?P<end>\n|;(?=\s|$)|(?<=\s)(?:&&?|\|\|?))
    |'(?P<single>[^']*)'
    |\$'(?P<ansi>(?:[^'\\]|\\.)*)'
    |\$?"(?P<double>(?:[^"\\]|\\.)*)"
    |\\(?P<escaped>.)
    |(?P<plain>(?:[^\s'"\\;$]|;(?!\s|$)|\$(?!['"]))+)""",
    re.VERBOSE | re.DOTALL,
)
_HEX = "[0-9a-fA-F]"
_ANSI = re.compile(
    rf"\\(?:x({_HEX}{{1,2}})|u({_HEX}{{1,4}})|U({_HEX}{{1,8}})|([0-7]{{1,3}})|(.))", re.DOTALL
)
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
_VARIABLE = re.compile(r"(?<!\\)\$\{?([A-Za-z_]\w*)", re.ASCII)


@dataclass(slots=True)
class Command:
    """One command: its line, its words, and the variables that a shell would replace in them."""

    line: int
    words: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)


def commands(text: str) -> Iterator[Command]:
    """Yield the commands of a script; raises SourceError if a quote is never closed."""
    command, is_open, position, line = Command(1), False, 0, 1
    while position < len(text):
        match = _PIECE.match(text, position)
        if match is None:
            raise SourceError(line, "a quote is never closed")
        if match["end"]:
            if command.words:
                yield command
            command, is_open = Command(line + match[0].count("\n")), False
        elif match["blank"] or match["comment"]:
            is_open = False
        else:
            command.line = command.line if command.words else line
            _add(command, match, is_open)
            is_open = True
        position = match.end()
        line += match[0].count("\n")
    if command.words:
        yield command


def _add(command: Command, match: re.Match[str], is_open: bool) -> None:
    """Append a piece to the current word if that is open, else begin a new word."""
    if match.lastgroup in ("double", "plain"):
        command.variables += _VARIABLE.findall(match[0])
    piece = _unquoted(match)
    if is_open:
        command.words[-1] += piece
    else:
        command.words.append(piece)


def _unquoted(match: re.Match[str]) -> str:
    text = match[match.lastgroup or 0]
    if match.lastgroup == "ansi":
        return _ansi(text)
    if match.lastgroup == "double":
        return re.sub(r'\\([$`"\\])|\\\r?\n', lambda found: found[1] or "", text)
    return text


def _ansi(text: str) -> str:
    def plain(match: re.Match[str]) -> str:
        digits, base = match[1] or match[2] or match[3], 16
        if match[4]:
            digits, base = match[4], 8
        return chr(int(digits, base)) if digits else _NAMED.get(match[5], match[5])

    return _ANSI.sub(plain, text)
