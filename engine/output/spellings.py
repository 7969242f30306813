"""Read texts without their escapes, so that a secret is found however a format wrote it."""

from __future__ import annotations

import json
import re
import sys
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import unescape

# Two formats within each other, each of which escapes twice, are enough.
_MOST_READINGS = 5
_HEX = "[0-9a-fA-F]"
_BYTE = rf"(?:%|\\x)(?:{_HEX}{{2}})"
_NEXT = r"(?:%|\\x)[89abAB][0-9a-fA-F]"
# One character at a time, so that each has its place. A lone byte is taken for Latin-1.
_ESCAPE = re.compile(
    rf"""(?=[%\\&'"])(?:
    (?P<bytes>
        (?:%|\\x)[cdCD]{_HEX}{_NEXT} | (?:%|\\x)[eE]{_HEX}(?:{_NEXT}){{2}}
        | (?:%|\\x)[fF][0-7](?:{_NEXT}){{3}} | {_BYTE}
    )
    | (?P<units> [\\%]u[dD][89abAB]{_HEX}{{2}}[\\%]u[dD][c-fC-F]{_HEX}{{2}} | [\\%]u{_HEX}{{4}} )
    | (?P<point> \\U00(?:0{_HEX}|10){_HEX}{{4}} | \\u\{{{_HEX}{{1,5}}\}} )
    | (?P<number> &\#(?:[0-9]{{1,8}}|[xX]{_HEX}{{1,8}}); )
    | (?P<entity> &[a-zA-Z][a-zA-Z0-9]{{1,30}}; )
    | (?P<quote> '"'"' | '\\'' )
    | (?P<twice> ''|"" )
    | (?P<sign> \\. )
    )""",
    re.VERBOSE | re.DOTALL,
)
_MARKS = re.compile(r"%|\\[xuU]|%u|[{}]")
_SIGNS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "0": "\0"}


def readings(text: str) -> Iterator[tuple[str, Sequence[int]]]:
    """Yield the text as it is, then without its escapes, then without theirs, and so on.

    With each goes the place of every character in the text as it is, and of the text's end.
    """
    places: Sequence[int] = range(len(text) + 1)
    for _ in range(_MOST_READINGS):
        yield text, places
        read, begins = _unescaped(text)
        if read == text:
            return
        text, places = read, [places[begin] for begin in begins]


def _unescaped(text: str) -> tuple[str, Sequence[int]]:
    """Return the text without its escapes, and where each of its characters began."""
    characters: list[str] = []
    begins: list[int] = []
    end = 0
    for escape in _ESCAPE.finditer(text):
        characters += text[end : escape.start()]
        begins += range(end, escape.start())
        read = _READERS[str(escape.lastgroup)](escape[0])
        characters += read
        begins += [escape.start()] * len(read)
        end = escape.end()
    if not end:
        return text, ()
    characters += text[end:]
    begins += range(end, len(text) + 1)
    return "".join(characters), begins


def _of_bytes(escape: str) -> str:
    data = bytes.fromhex(_MARKS.sub("", escape))
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _of_units(escape: str) -> str:
    units = bytes.fromhex(re.sub(r"[\\%]u", "", escape))
    return units.decode("utf-16-be", "surrogatepass")


def _of_point(escape: str) -> str:
    return chr(int(_MARKS.sub("", escape), 16))


def _of_number(escape: str) -> str:
    # html.unescape() follows HTML 5, which reads some numbers as other characters.
    digits = escape[2:-1]
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    return chr(code) if code <= sys.maxunicode else escape


_READERS: Mapping[str, Callable[[str], str]] = {
    "bytes": _of_bytes,
    "units": _of_units,
    "point": _of_point,
    "number": _of_number,
    "entity": unescape,
    "quote": lambda _: "'",
    "twice": lambda escape: escape[0],
    "sign": lambda escape: _SIGNS.get(escape[1], escape[1]),
}


def spellings(value: str) -> frozenset[str]:
    """Return how a value may stand in one of the readings of a text.

    A value that looks as if it held escapes is also there without them: a reading undoes them
    together with those of the format. Forms write `+` for a blank.
    """
    read = [reading for reading, _ in readings(value)]
    return frozenset((*read, *(reading.replace(" ", "+") for reading in read)))


def base64_cores(value: str) -> frozenset[str]:
    """Return the characters that the value determines in any Base64 text of bytes that hold it.

    It depends on the place of the value's first byte modulo 3. The bytes may be JSON, as in a JWT.
    """
    written = {value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    datas = [text.encode("utf-8", "surrogatepass") for text in written]
    return frozenset(core for data in datas for core in _cores(data))


def _cores(data: bytes) -> Iterator[str]:
    for before in range(3):
        padded = b"\0" * before + data
        determined = slice(-(-before * 8 // 6), len(padded) * 8 // 6)
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(padded)[determined].decode()
