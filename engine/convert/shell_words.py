"""Replace variables, substitutions and escapes within the words of a shell script."""

from __future__ import annotations

import re

from msgspec import Struct, field

_DEEP = r"\([^()]*\)"
for _ in range(3):
    _DEEP = rf"\((?:[^()]|{_DEEP})*+\)"
# `$(cat <<EOF ...)` stands for the document, which may contain any bracket.
_DOCUMENT = r"\$\(\s*cat\s+<<-?\s*['\"]?\w+['\"]?[^\S\n]*\n.*?\n[^\S\n]*\w+\s*\)"
SUBSTITUTION = rf"(?:{_DOCUMENT}|\${_DEEP}|`[^`]*`)"
_CAT = re.compile(
    r"\$\(\s*cat\s+<<(-?)\s*(['\"]?)(\w+)\2[^\S\n]*\n(.*?)\n?[^\S\n]*\3\s*\)", re.DOTALL
)
_PART = re.compile(
    rf"""\\(?P<escaped>[$`"\\])|(?P<joined>\\\r?\n)
    |(?P<substitution>{SUBSTITUTION})
    |\$(?P<name>[A-Za-z_]\w*)
    |\$\{{(?P<braced>[A-Za-z_]\w*)(?::?-(?P<default>[^{{}}]*))?\}}
    |\$(?:\{{(?P<argument>[0-9])\}}|(?P<digit>[0-9]))
    |(?P<other>\$(?:\{{[^{{}}]*\}}|[@*\#?!$]))""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_HEX = "[0-9a-fA-F]"
_ANSI = re.compile(
    rf"\\(?:x({_HEX}{{1,2}})|u({_HEX}{{1,4}})|U({_HEX}{{1,8}})|([0-7]{{1,3}})|(.))", re.DOTALL
)
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "v": "\v"}
_ARGUMENT = re.compile(r"ARGUMENT_\d")
# Noncharacters mark the name of a variable that has no value in the script (Unicode, 23.7).
_BEGIN, _END = "\ufdd0", "\ufdd1"
MARKED = re.compile(f"{_BEGIN}(\\w+){_END}")

Values = dict[str, str]


class Expanded(Struct):
    """A text with the values of its variables; `unknown` are names, `kept` substitutions."""

    text: str = ""
    unknown: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def marked(name: str) -> str:
    """Return what stands for the value of a variable until the request is written."""
    return f"{_BEGIN}{name}{_END}"


def is_known(value: str) -> bool:
    """Return whether a value holds neither substitutions nor arguments of the script."""
    names = MARKED.findall(value)
    is_plain = re.search(SUBSTITUTION, value, re.DOTALL) is None
    return is_plain and not any(_ARGUMENT.fullmatch(name) for name in names)


def expanded(text: str, values: Values, escapes: str = "") -> Expanded:
    """Return the text with variables replaced, and with a backslash gone before `escapes`."""
    found = Expanded()

    def part(match: re.Match[str]) -> str:
        if match["escaped"]:
            return match["escaped"] if match["escaped"] in escapes else match[0]
        if match["joined"]:
            return "" if escapes else match[0]
        if match["substitution"] or match["other"]:
            return _substituted(match[0], values, found)
        name = match["name"] or match["braced"] or f"ARGUMENT_{match['argument'] or match['digit']}"
        return _value(name, match["default"], values, found)

    found.text = _PART.sub(part, text)
    return found


def _value(name: str, default: str | None, values: Values, found: Expanded) -> str:
    if name in values or default is not None:
        return values.get(name, default or "")
    found.unknown.append(name)
    return marked(name)


def _substituted(text: str, values: Values, found: Expanded) -> str:
    """Return the document of `$(cat <<EOF ...)`; any other substitution stays as it is."""
    if (match := _CAT.fullmatch(text)) is None:
        found.kept.append(text)
        return text
    body = re.sub(r"^\t+", "", match[4], flags=re.MULTILINE) if match[1] else match[4]
    return body if match[2] else document(body, values, found).rstrip("\n")


def document(body: str, values: Values, found: Expanded) -> str:
    """Return the text of a here document whose mark has no quotes."""
    inner = expanded(body, values, "$`\\")
    found.unknown += inner.unknown
    found.kept += inner.kept
    return inner.text


def ansi(text: str) -> str:
    """Return the text of `$'...'`."""

    def plain(match: re.Match[str]) -> str:
        digits, base = match[1] or match[2] or match[3], 16
        if match[4]:
            digits, base = match[4], 8
        return chr(int(digits, base)) if digits else _NAMED.get(match[5], match[5])

    return _ANSI.sub(plain, text)
