"""This module turns values into text: for requests exactly, for messages as a beginning."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import orjson

from ..errors import StepFailed

# Python prints no integer of more than 4,300 decimal digits (sys.set_int_max_str_digits).
_MOST_BITS = 14_284
_DEEPEST = 100


def to_text(value: Any) -> str:
    """Return the text of a value: maps and lists as JSON, `true`, `null`, `3.0` as `3`.

    Floats are written in plain decimals, as short as exactness allows. Raises StepFailed (kind
    template) for a value that has no text: a huge integer, or one nested too deeply.
    """
    if isinstance(value, str):
        return value if value.__class__ is str else str(value)
    if value.__class__ is int:
        return _int_text(value)
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return json_text(value)


def text_or_empty(value: Any) -> str:
    return "" if value is None else to_text(value)


def json_text(value: Any) -> str:
    """Return compact JSON; what JSON cannot hold is written as its plain text.

    Raises StepFailed (kind template) for a value that cannot be written.
    """
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return _json_by_hand(value)


def _json_by_hand(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    except RecursionError as error:
        raise StepFailed("template", "a value is nested too deeply to be a text") from error
    except (TypeError, ValueError) as error:
        raise StepFailed("template", f"a value cannot be a text: {error}") from error


def _int_text(value: int) -> str:
    try:
        return str(value)
    except ValueError as error:
        raise StepFailed("template", f"a number cannot be a text: {error}") from error


def _float_text(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def shortened(value: Any, limit: int = 200) -> str:
    """Return the value as it should stand in a message: JSON, cut to `limit` characters.

    It takes any value and no more time for a large one.
    """
    text = json_text(beginning(value, limit)).encode("utf-8", "replace").decode()
    return text if len(text) <= limit else f"{text[:limit]}..."


def beginning(value: Any, most: int) -> Any:
    """Return a copy of the beginning of a value, with little more than `most` characters.

    It takes any value and no more time for a large one. Every JSON library can write the copy.
    """
    return _Beginning(most).of(value)


class _Beginning:
    """Copies little more of a value than `most` characters of JSON can hold."""

    def __init__(self, most: int) -> None:
        self.most = self.left = most

    def of(self, value: Any, depth: int = 0) -> Any:
        self.left -= 2
        if isinstance(value, str | bytes):
            text = plain(value[: self.most + 1])
            self.left -= len(text)
            return text
        if isinstance(value, Mapping):
            if depth == _DEEPEST:
                return "{...}"
            items = self.some(value.items())
            return {self.of(_name(name)): self.of(item, depth + 1) for name, item in items}
        if isinstance(value, list | tuple):
            if depth == _DEEPEST:
                return "[...]"
            return [self.of(item, depth + 1) for item in self.some(value)]
        return plain(value)

    def some(self, items: Iterable[Any]) -> Iterator[Any]:
        """Go through the items for as long as there is room."""
        for item in items:
            if self.left < 0:
                return
            yield item


def presentable(value: Any, depth: int = 0) -> Any:
    """Return a copy that every JSON library can write: what is nested too deeply is cut."""
    if isinstance(value, Mapping):
        if depth == _DEEPEST:
            return "{...}"
        return {_name(name): presentable(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [presentable(item, depth + 1) for item in value] if depth < _DEEPEST else "[...]"
    return plain(value)


def _name(key: Any) -> str:
    return key if key.__class__ is str else str(plain(key))


def plain(value: Any) -> Any:
    """Return a single value as JSON can hold it; a huge integer becomes a word on its size."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, int):
        is_huge = value.bit_length() > _MOST_BITS
        return f"an integer of {value.bit_length()} bits" if is_huge else value
    if value is None or (isinstance(value, float) and value - value == 0):
        return value
    try:
        return str(value)
    except Exception:  # what an object says of itself may be anything
        return f"<{type(value).__name__}>"
