"""Split shell scripts into commands and words, with quotes and line continuations as in bash."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from ..case.nodes import SourceError
from .shell_words import SUBSTITUTION, Expanded, Values, ansi, document, expanded, is_known

_GLUED = r"[\w%.\[\]-]*="  # `&name=` within a URL without quotes; a shell would end the command
_PIECE = re.compile(
    rf"""(?P<windows>\^(?=[^\S\n]*\n|["^])|`(?=[^\S\n]*\n))
    |(?P<blank>[^\S\n]+|\\[^\S\n]*\n)
    |(?P<comment>(?<![^\s;&|(])\#[^\n]*)
    |<<(?!<)(?P<here>-?[^\S\n]*(?:'[^'\n]+'|"[^"\n]+"|[\w.!-]+))
    |(?P<placeholder><[A-Za-z_][\w.-]*>)
    |(?P<operator>(?:\d*|&)(?:<<<|>>|>\||<(?!\()|>(?!\())(?:&(?:\d+|-))?)
    |(?P<end>\n|;;?(?=\s|$|curl\s)|\|[|&]?|&&|&(?!{_GLUED}))
    |'(?P<single>[^']*)'
    |\$'(?P<ansi>(?:[^'\\]|\\.)*+)'
    |\$?"(?P<double>(?:{SUBSTITUTION}|[^"\\]|\\.)*+)"
    |\\(?P<escaped>.)
    |(?P<substitution>[<>]?{SUBSTITUTION})
    |(?P<plain>(?:[^\s'"\\;$&|<>`^]|\^(?![^\S\n]*\n|["^])|;(?!;?(?:\s|$|curl\s))|\$(?!['"(])|&(?={_GLUED}))+)""",
    re.VERBOSE | re.DOTALL,
)
# A quote that spans the start of another command was never closed: nobody sends such a text.
_NEXT_COMMAND = re.compile(r"\n[^\S\n]*(?:[$%] )?curl\s")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_DECLARING = {"export", "local", "readonly", "declare", "typeset"}
# Words that may stand before a command: prompts, keywords, and programs that start another one.
_BEFORE = {"$", "%", "❯", "{", "}", "(", "!", "if", "then", "elif", "else", "while", "until", "do"}
_BEFORE |= {"time", "sudo", "command", "exec", "nohup", *_DECLARING}
_FUNCTION = re.compile(r"[\w-]+\(\)\{?|function")
_WINDOWS = ("this is for a shell of Windows", 'copy it as "cURL (bash)"')
# A variable of cmd.exe; percent-encoded bytes and formats of `date` look similar.
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})[A-Za-z_]\w+%")
_POWERSHELL = {"invoke-webrequest", "invoke-restmethod", "iwr", "irm"}


class _Operator(str):
    """A redirection; the next word is its target, unless it names a descriptor."""

    __slots__ = ()


class Command(Struct):
    """One command: its line, its words, and what is on its standard input, if that is known.

    `unknown` are the variables that have no value in the script, `kept` the substitutions that
    stay in the words as text. A command that cannot be read has a `fault`.
    """

    line: int
    words: list[str] = field(default_factory=list)
    stdin: str | None = None
    stdin_file: str | None = None
    unknown: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    fault: SourceError | None = None

    @property
    def is_curl(self) -> bool:
        name = self.words[0].rpartition("/")[2] if self.words else ""
        return name in ("curl", "curl.exe")


def commands(text: str, line: int = 1, values: Values | None = None) -> Iterator[Command]:
    """Yield the commands of a script, also the curl commands of its substitutions.

    Raises SourceError for a command that is written for a shell of Windows.
    """
    return _Script(text, line, {} if values is None else values).commands()


class _Script:
    """A script that is being read; `values` are those of its variables, as far as known."""

    def __init__(self, text: str, line: int, values: Values) -> None:
        self._text, self._line, self._values = text, line, values
        self._position = 0
        self._command = Command(line)
        self._open = ""  # the kind of the last piece of a word that may go on
        self._heres: list[str] = []
        self._piped: Command | None = None

    def commands(self) -> Iterator[Command]:
        while self._position < len(self._text):
            match = _PIECE.match(self._text, self._position)
            if match is None or _swallows(match):
                yield self._given_up()
                continue
            yield from self._inner(match)
            self._take(match)
            if match["end"]:
                yield from self._finished(match["end"])
        yield from self._finished("\n")

    def _given_up(self) -> Command:
        """Return the command that cannot be read; go on at the next one."""
        command, found = self._command, _NEXT_COMMAND.search(self._text, self._position)
        command.words = _without_before(command.words)
        command.fault = SourceError(0, "a quote is never closed")
        self._move(found.start() if found else len(self._text))
        self._command, self._open = Command(self._line), ""
        return command

    def _move(self, position: int) -> None:
        self._line += self._text.count("\n", self._position, position)
        self._position = position

    def _inner(self, match: re.Match[str]) -> Iterator[Command]:
        if match["single"] or match["comment"] or "curl" not in match[0]:
            return
        for found in re.finditer(SUBSTITUTION, match[0], re.DOTALL):
            if "curl" in found[0]:
                line = self._line + match[0].count("\n", 0, found.start())
                inner = found[0][1:-1] if found[0][0] == "`" else found[0][2:-1]
                yield from (one for one in commands(inner, line, self._values) if one.is_curl)

    def _take(self, match: re.Match[str]) -> None:
        kind, is_open = str(match.lastgroup), self._open
        self._open = ""
        if not self._command.words:
            self._command.line = self._line
        if kind == "here":
            self._heres.append(match["here"])
        elif kind == "operator":
            self._command.words.append(_Operator(match[0]))
        elif kind == "windows":
            self._refuse_windows()
        elif kind not in ("blank", "comment", "end"):
            self._add(match, kind, is_open)
            self._open = kind
        self._move(match.end())
        if match[0] == "\n":
            self._read_heres()

    def _refuse_windows(self) -> None:
        words = _without_before(self._command.words)
        if Command(0, words).is_curl or (words and words[0].lower() in _POWERSHELL):
            raise SourceError(self._line, *_WINDOWS)

    def _add(self, match: re.Match[str], kind: str, is_open: str) -> None:
        words = self._command.words
        is_doubled = is_open == kind == "double"  # cmd.exe doubles a quote within quotes
        if "$" not in match[0] and (is_doubled or _PERCENT.search(match[0])):
            self._refuse_windows()
        piece = self._text_of(match, kind)
        if is_open:
            words[-1] += piece
        elif kind == "plain" and re.fullmatch(r"\$\{?\w+\}?", match[0]) and " " in piece:
            words += piece.split()  # a shell splits the value of a variable without quotes
        else:
            words.append(piece)

    def _text_of(self, match: re.Match[str], kind: str) -> str:
        if kind == "ansi":
            return ansi(match["ansi"])
        if kind not in ("double", "plain", "substitution"):
            return match[kind]
        escapes = '$`"\\' if kind == "double" else ""
        return self._told(expanded(match[kind], self._values, escapes))

    def _told(self, found: Expanded) -> str:
        self._command.unknown += found.unknown
        self._command.kept += found.kept
        return found.text

    def _read_heres(self) -> None:
        """Read the here documents that the line announced which has just ended."""
        for here in self._heres:
            mark = here.lstrip("-").strip()
            name = mark.strip("'\"")
            end = re.compile(rf"^[^\S\n]*{re.escape(name)}[^\S\n]*$", re.MULTILINE)
            found = end.search(self._text, self._position)
            body = self._text[self._position : found.start() if found else None]
            if here.startswith("-"):
                body = re.sub(r"^\t+", "", body, flags=re.MULTILINE)
            if mark == name:
                expansion = Expanded()
                body = document(body, self._values, expansion)
                self._told(expansion)
            self._command.stdin = body
            self._move(found.end() if found else len(self._text))
        self._heres = []

    def _finished(self, end: str) -> Iterator[Command]:
        command, piped = self._command, self._piped
        self._command, self._piped = Command(self._line), None
        _redirect(command)
        if piped is not None and command.stdin is None and command.stdin_file is None:
            _feed(command, piped)
        command.words = self._without_assignments(_without_before(command.words))
        if end == "|":
            self._piped = command
        if command.words:
            yield command

    def _without_assignments(self, words: Sequence[str]) -> list[str]:
        """Remember the values that the words assign; return the words behind them."""
        at = 0
        while at < len(words) and (found := _ASSIGNMENT.fullmatch(words[at])):
            if is_known(found[2]):
                self._values[found[1]] = found[2]
            else:
                self._values.pop(found[1], None)
            at += 1
        if words[at : at + 1] == ["for"]:
            self._values.pop(words[at + 1] if len(words) > at + 1 else "", None)
        return list(words[at:])


def _swallows(match: re.Match[str]) -> bool:
    is_quote = match.lastgroup in ("single", "ansi", "double") and "$(" not in match[0]
    return is_quote and _NEXT_COMMAND.search(match[0]) is not None


def _without_before(words: Sequence[str]) -> list[str]:
    """Return the words of the command itself."""
    left = list(words)
    while left and (left[0] in _BEFORE or _FUNCTION.fullmatch(left[0])):
        left.pop(0)
    if left and left[0].startswith("(") and len(left[0]) > 1:
        left = [left[0][1:], *left[1:-1], left[-1].removesuffix(")")] if left[1:] else left
    return left


def _redirect(command: Command) -> None:
    """Take redirections and their targets out of the words."""
    kept: list[str] = []
    words = iter(command.words)
    for word in words:
        if not isinstance(word, _Operator):
            kept.append(word)
        elif not re.search(r"&(?:\d+|-)$", word):
            target = next(words, "")
            if word == "<":
                command.stdin_file = target
            elif word == "<<<":
                command.stdin = f"{target}\n"
    command.words = kept


def _feed(command: Command, before: Command) -> None:
    """Give the command what the one before writes into the pipe, if that is plain."""
    name, *rest = before.words or [""]
    if name == "echo":
        is_open = rest[:1] == ["-n"]
        command.stdin = " ".join(rest[is_open:]) + ("" if is_open else "\n")
    elif name == "cat":
        command.stdin = before.stdin
        command.stdin_file = before.stdin_file or (rest[0] if len(rest) == 1 else None)
