"""Find known secrets in texts, however a format spells them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Self

from msgspec import Struct

from .named_values import Span
from .spellings import base64_cores, spellings

# A shorter value is masked only as a whole word: within words it would be everywhere.
SHORT = 6
# One or two characters hide nothing, and stand in every text.
_SHORTEST = 3
# The longest spelling of a character behind a cut: four percent-encoded bytes, or two `\u....`.
_MOST_PER_CHARACTER = 12
# A longer value may be the beginning of a token that was kept only in part.
_LONG = 1_000
_BASE64 = re.compile(r"[\w+/=.-]", re.ASCII)


class KnownValues(Struct, frozen=True):
    """Secrets, prepared once so that texts can be searched often."""

    spelled: tuple[str, ...] = ()
    cores: tuple[str, ...] = ()
    numbers: frozenset[int] = frozenset()
    longest: int = 0

    @classmethod
    def of(cls, values: Iterable[str]) -> Self:
        taken = {
            one for value in values for one in (value, *_long_lines(value)) if len(one) >= _SHORTEST
        }
        return cls(
            _unique(one for value in taken for one in spellings(value)),
            _unique(one for value in taken for one in base64_cores(value) if len(one) >= SHORT),
            frozenset(int(value) for value in taken if value.isdecimal() and len(value) < 100),
            max(map(len, taken), default=0) * _MOST_PER_CHARACTER,
        )

    def plus(self, other: KnownValues) -> KnownValues:
        """Return these values and the others."""
        return KnownValues(
            _unique(self.spelled + other.spelled),
            _unique(self.cores + other.cores),
            self.numbers | other.numbers,
            max(self.longest, other.longest),
        )

    def spans(self, text: str) -> Iterator[Span]:
        """Yield where values stand, plain or in Base64 with what is encoded with them."""
        for value in self.spelled:
            for begin, end in _places(text, value):
                if len(value) >= _LONG:
                    yield _base64_around(text, begin, end)
                elif len(value) >= SHORT or _is_word(text, begin, end):
                    yield begin, end
        for core in self.cores:
            for begin, end in _places(text, core):
                yield _base64_around(text, begin, end)


def _long_lines(value: str) -> list[str]:
    """Return the lines of a private key: a log holds each of them apart."""
    lines = value.splitlines()
    return [line for line in lines if len(line) >= 16] if len(lines) > 1 else []


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if len(text) >= _SHORTEST))


def _places(text: str, part: str) -> Iterator[Span]:
    begin = text.find(part)
    while begin >= 0:
        yield begin, begin + len(part)
        begin = text.find(part, begin + 1)


def _is_word(text: str, begin: int, end: int) -> bool:
    beside = text[max(0, begin - 1) : begin] + text[end : end + 1]
    return not any(one.isalnum() or one == "_" for one in beside)


def _base64_around(text: str, begin: int, end: int) -> Span:
    while begin and _BASE64.match(text[begin - 1]):
        begin -= 1
    while end < len(text) and _BASE64.match(text[end]):
        end += 1
    return begin, end
