"""Check plain values that were read from a file: each part must be what its reader expects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

# A kind, a map of the keys that must be there, or a list with the shape of all items.
Shape = Any


class Kind(Struct, frozen=True):
    """A kind of single values; `named` ends a sentence: `is not a text`."""

    named: str
    fits: Callable[[Any], bool]


class Whole(Struct, frozen=True):
    """Whole numbers from `least` to below `end`."""

    named: str
    least: int
    end: int

    def fits(self, value: Any) -> bool:
        return value.__class__ is int and self.least <= value < self.end

    def fit(self, values: list[Any]) -> bool:
        """Whether all fit; histograms have too many numbers to look at one after the other."""
        if not values:
            return True
        return {*map(type, values)} == {int} and self.fits(min(values)) and self.fits(max(values))


class Nullable(Struct, frozen=True):
    """The shape, or null."""

    shape: Shape


class Later(Struct, frozen=True):
    """The shape of a key that older versions did not write."""

    shape: Shape


class Named(Struct, frozen=True):
    """A map of any names to values of one shape."""

    shape: Shape


ANY = Kind("", lambda value: True)
TEXT = Kind("a text", lambda value: isinstance(value, str))
FLAG = Kind("true or false", lambda value: isinstance(value, bool))
# Numbers that a double holds exactly: sums of them do not overflow.
_MOST = 2**53
COUNT = Whole("a count", 0, _MOST)
WHOLE = Whole("a whole number", 1 - _MOST, _MOST)
NUMBER = Kind("a number", lambda value: value.__class__ in (int, float) and abs(value) < _MOST)


def problem_of(value: Any, shape: Shape) -> str | None:
    """Return where the value differs first, as in `.steps[0].name is not a text`; None if it fits.

    Keys that the shape does not name are free: a newer version may have written them.
    """
    match shape:
        case Kind() | Whole():
            return None if shape.fits(value) else f" is not {shape.named}"
        case Nullable():
            return None if value is None else problem_of(value, shape.shape)
        case Named():
            return _of_map(value, dict.fromkeys(value, shape.shape) if _is_map(value) else {})
        case dict():
            return _of_map(value, shape)
        case _:
            return _of_list(value, shape[0])


def _is_map(value: Any) -> bool:
    return isinstance(value, Mapping)


def _of_map(value: Any, shape: Mapping[str, Shape]) -> str | None:
    if not _is_map(value):
        return " is not a map"
    for name, part in shape.items():
        is_late = isinstance(part, Later)
        if name in value:
            problem = problem_of(value[name], part.shape if is_late else part)
            if problem is not None:
                return f".{name}{problem}"
        elif not is_late:
            return f".{name} is missing"
    return None


def _of_list(value: Any, shape: Shape) -> str | None:
    if not isinstance(value, list):
        return " is not a list"
    if isinstance(shape, Whole) and shape.fit(value):
        return None
    for index, item in enumerate(value):
        if (problem := problem_of(item, shape)) is not None:
            return f"[{index}]{problem}"
    return None
