"""Encode numbers as short text: variable-length quantities in base 64.

JavaScript source maps do the same ("Base64 VLQ"), but with a sign bit. Each number is cut into
groups of five bits, the lowest first; the sixth bit of a character says that more of its number
follows. Small numbers, which are most, take one character.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..measure.histogram import Histogram

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _text(number: int) -> str:
    return "".join(ALPHABET[digit] for digit in _digits(number))


def _digits(number: int) -> Iterator[int]:
    while number > 31:
        yield number & 31 | 32
        number >>= 5
    yield number


# Nearly all numbers are small, and a live page encodes thousands of them in a second.
_SMALL = tuple(_text(number) for number in range(1024))


def encoded(numbers: Iterable[int]) -> str:
    """Return non-negative numbers as text."""
    return "".join([_SMALL[one] if one < len(_SMALL) else _text(one) for one in numbers])


def encoded_buckets(histogram: Histogram) -> str:
    """Return the buckets in order, each as its distance from the one before and its count."""
    return encoded(_gaps(histogram))


def _gaps(histogram: Histogram) -> Iterator[int]:
    before = 0
    for bucket in sorted(histogram.counts):
        yield bucket - before
        yield histogram.counts[bucket]
        before = bucket
