"""Find the values that stand under the names of secrets in a text of any format."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator

from msgspec import Struct

from .secret_names import NameRules

Span = tuple[int, int]

_MOST_NAME = 80
_NAME = re.compile(r"[\w-]")
# The sign between a name and its value: `"name": `, `name=`, `data[name]=`, `name: `.
_SIGN = re.compile(r"(?P<quote>[\"']?)\]?\s*(?P<sign>=>|[:=])[ \t]*")
_COLON = re.compile(r"\s*:")
_OPEN_TAG = re.compile(r"<(?:[\w.-]{1,40}:)?\Z")
_OPENING = re.compile(r"(?:\s[^<>]{0,500})?>")
_PAIRED = re.compile(r"[^&;\s\"'<>]+")
_STRING = re.compile(r"\"((?:[^\"\\]|\\.)*)|'((?:[^'\\]|\\.)*)", re.DOTALL)
_SCALAR = re.compile(r"[^\s,:\[\]{}\"']+")
_REST_OF_LINE = re.compile(r"[^\r\n\"'<>]+")
_ONE_WORD = re.compile(r"[^\s\"'<>,]+(?=[ \t]*(?:\r?\n|\Z))")
_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_PLAIN_WORDS = frozenset({"null", "true", "false", "None", "True", "False"})
_USERINFO = re.compile(r"(?<=://)[^/@\s\"'<>]{1,500}(?=@)")
_SCHEME = re.compile(r"\b(Bearer|Basic)\s+([\w+/.~-]{6,}=*)", re.IGNORECASE)
_VALUE_OF_TAG = re.compile(r"\b(?:value|content)\s*=\s*(\"[^\"]*|'[^']*)", re.IGNORECASE)
_PART_HEAD = re.compile(r"[^\r\n]{0,200}(?:\r?\n[^\r\n]{1,200}){0,9}\r?\n\r?\n")


class NamedValues(Struct, frozen=True):
    """Finds values by names. The cost of a text grows with the secrets' names in it."""

    rules: NameRules
    stems: tuple[str, ...]

    @classmethod
    def of(cls, rules: NameRules) -> NamedValues:
        return cls(rules, rules.stems)

    def spans(self, text: str) -> Iterator[Span]:
        """Yield where values stand that must not be shown; they may overlap."""
        if "://" in text:
            yield from (found.span() for found in _USERINFO.finditer(text))
        lowered = text.translate(_LETTERS)  # str.lower() may change the length
        if "bearer" in lowered or "basic" in lowered:
            yield from _credentials(text)
        read = 0
        for begin, end in sorted(self._names(text, lowered)):
            if begin >= read:  # everything within a secret is masked already
                for first, last in self._values_of(text, begin, end):
                    read = last
                    if last > first:
                        yield first, last

    def _names(self, text: str, lowered: str) -> set[Span]:
        """Return where the words stand that hold a stem."""
        found = set()
        for stem in self.stems:
            begin = lowered.find(stem)
            while begin >= 0:
                word = _word_around(text, begin, begin + len(stem))
                found.add(word)
                begin = lowered.find(stem, max(word[1], begin + 1))
        return found

    def _values_of(self, text: str, begin: int, end: int) -> Iterator[Span]:
        name, before = text[begin:end], text[max(0, begin - 1) : begin]
        sign = _SIGN.match(text, end)
        is_pair = sign is not None and sign[0] == "=" and before in ("", "?", "&", "#", "'")
        if not (self.rules.is_secret_in_query(name) if is_pair else self.rules.is_secret(name)):
            return
        around = text[max(0, begin - 42) : begin]
        if tag := _OPEN_TAG.search(around):
            yield from _element(text, tag[0][1:] + name, end)
        elif sign is not None and (not sign["quote"] or before in ("'", '"')):
            is_line = not around.rpartition("\n")[2].strip(" \t<>*-")
            yield from _after_sign(text, name, sign, is_line)
        elif around.endswith(("name='", 'name="')):
            yield from _form_field(text, begin, end)


def _word_around(text: str, begin: int, end: int) -> Span:
    first, last = max(0, begin - _MOST_NAME), min(len(text), end + _MOST_NAME)
    while begin > first and _NAME.match(text[begin - 1]):
        begin -= 1
    while end < last and _NAME.match(text[end]):
        end += 1
    return begin, end


def _after_sign(text: str, name: str, sign: re.Match[str], is_line: bool) -> Iterator[Span]:
    """Yield the value after `=` or `:`, as the format writes it."""
    at = sign.end()
    opening = text[at : at + 1]
    is_apart = sign["sign"] == ":" or sign[0] != sign["sign"]
    if is_apart and sign[0][:1] not in ("'", '"', "]") and opening not in ("'", '"', "[", "{"):
        yield from _of_line(text, name, at, is_line)
    elif sign["quote"] or opening in ("'", '"'):
        yield from _json_value(text, at)
    elif found := _PAIRED.match(text, at):
        yield found.span()


def _of_line(text: str, name: str, at: int, is_line: bool) -> Iterator[Span]:
    """Yield the value of a header, or of a line such as `password: x`.

    Elsewhere, and where several words follow, it is prose: `no token: expected three parts`.
    """
    if "-" in name or name.lower() in ("authorization", "cookie"):
        found = _REST_OF_LINE.match(text, at)
    else:
        found = _ONE_WORD.match(text, at) if is_line else None
    if found:
        yield found.span()


def _json_value(text: str, at: int) -> Iterator[Span]:
    """Yield a string or a number, or all those within a list or map but its keys, and its end."""
    depth = 0
    while at < len(text):
        if text[at] in "[{":
            depth += 1
            at += 1
        elif text[at] in "]}":
            depth -= 1
            at += 1
        elif found := (_STRING.match(text, at) or _SCALAR.match(text, at)):
            at = _after(text, found)
            if not depth or not _COLON.match(text, at):
                yield from _of_scalar(found)
        else:
            at += 1
            continue
        if depth <= 0:
            break
    yield at, at


def _after(text: str, found: re.Match[str]) -> int:
    return found.end() + (found.re is _STRING)


def _of_scalar(found: re.Match[str]) -> Iterator[Span]:
    if found.re is _STRING:
        begin, end = found.start() + 1, found.end()
        if end > begin:
            yield begin, end
    elif found[0] not in _PLAIN_WORDS:
        yield found.span()


def _element(text: str, name: str, end: int) -> Iterator[Span]:
    """Yield the content of an XML element."""
    if opening := _OPENING.match(text, end):
        close = text.find(f"</{name}", opening.end())
        if text[opening.end() - 2] != "/":
            yield opening.end(), close if close >= 0 else len(text)


def _form_field(text: str, begin: int, end: int) -> Iterator[Span]:
    """Yield the value of `<input name="..." value="...">`, or of a part of multipart/form-data."""
    opening = text.rfind("<", max(0, begin - 500), begin)
    closing = text.find(">", end, end + 500)
    if opening > text.rfind(">", max(0, begin - 500), begin) and closing >= 0:
        for found in _VALUE_OF_TAG.finditer(text, opening, closing):
            yield found.start(1) + 1, found.end(1)
    elif head := _PART_HEAD.match(text, end):
        close = text.find("\n--", head.end())
        yield head.end(), close if close >= 0 else len(text)


def _credentials(text: str) -> Iterator[Span]:
    """Yield what follows `Bearer` or `Basic`, unless it is prose: `basic authentication`."""
    for found in _SCHEME.finditer(text):
        is_token = _is_pair(found[2]) if found[1].lower() == "basic" else _is_token(found[2])
        if is_token:
            yield found.span(2)


def _is_pair(word: str) -> bool:
    try:
        return b":" in b64decode(word + "=" * (-len(word) % 4), altchars=b"-_")
    except (binascii.Error, ValueError):
        return False


def _is_token(word: str) -> bool:
    return not word.rstrip(".").isalpha() or not (word.islower() or word.istitle())
