"""This module holds the functions that every case may call, besides those of its debugtalk.py."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import string
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from .data import read_bytes, read_rows
from .numbers import number, number_or_zero, pause
from .text import text_or_empty, to_text

_LETTERS = string.ascii_letters + string.digits
_MOST_LETTERS = 10_000_000
_MOST_PLACES = 400


@dataclass(frozen=True, slots=True)
class Form:
    """A multipart form as written; the request that sends it turns it into bytes.

    If it `is_plain`, a value that is the path of a file is the file, and any other is a text.
    """

    # Not in its text: fields may be large, or secret.
    fields: Mapping[str, Any] = field(repr=False)
    boundary: str = field(default_factory=lambda: os.urandom(16).hex())
    is_plain: bool = False

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self.boundary}"


def builtin_functions(
    root: Path, environment: Mapping[str, str], chance: random.Random
) -> dict[str, Callable[..., Any]]:
    """Return the functions by name; files are read below `root`, chance comes from `chance`."""

    def environ(name: Any) -> str:
        key = text_or_empty(name)
        return environment.get(key, os.environ.get(key, ""))

    def gen_random_string(length: Any) -> str:
        letters = int(number_or_zero(length))
        if letters > _MOST_LETTERS:
            raise ValueError(f"more than {_MOST_LETTERS:,} letters")
        return "".join(chance.choices(_LETTERS, k=letters))

    def random_int(limit: int) -> int:
        return chance.randrange(int(limit))

    def random_range(low: Any, high: Any) -> float:
        return chance.uniform(number_or_zero(low), number_or_zero(high))

    def parameterize(path: str) -> list[dict[str, Any]]:
        return read_rows(root, to_text(path))

    def load_ws_message(path: str) -> bytes:
        return read_bytes(root, to_text(path))

    return {
        **_PURE,
        "environ": environ,
        "ENV": environ,
        "gen_random_string": gen_random_string,
        "random_int": random_int,
        "random_range": random_range,
        "parameterize": parameterize,
        "P": parameterize,
        "load_ws_message": load_ws_message,
    }


def get_timestamp(length: int | None = None) -> int | str:
    """Return milliseconds since 1970; with a length (1-16) the first digits as text."""
    if length is None:
        return time.time_ns() // 1_000_000
    if not 1 <= int(length) <= 16:
        raise ValueError("the length is 1 to 16")
    return str(time.time_ns())[: int(length)]


def get_current_date(form: str = "%Y-%m-%d") -> str:
    """Return the local date in the form of strftime."""
    return datetime.now().strftime(form)


async def sleep(seconds: Any) -> None:
    """Pause this user only."""
    await asyncio.sleep(pause(0 if seconds is None else seconds))


def setup_hook_prepare_kwargs(request: Any) -> None:
    """Do nothing: the hook of HttpRunner 1 made a JSON text of a body that is one here anyway."""


def md5(text: Any) -> str:
    """Return the hex digest of the value's text."""
    return hashlib.md5(text_or_empty(text).encode(), usedforsecurity=False).hexdigest()


def split_by_comma(text: Any) -> list[str]:
    return [piece.strip() for piece in text_or_empty(text).split(",")]


def multipart_encoder(*given: Any, **named: Any) -> Form:
    """Make a form of a map, as hrp.

    HttpRunner 2 and 3 gave each field as a keyword, version 1 one file by its field and path.
    """
    match given:
        case () if named:
            return Form(named, is_plain=True)
        case (Mapping() as fields,):
            return Form({to_text(name): value for name, value in fields.items()})
        case (name, path):
            return Form({to_text(name): f"@{to_text(path)}"})
        case (name, path, kind):
            return Form({to_text(name): f"@{to_text(path)};type={to_text(kind)}"})
    raise TypeError("the fields of a form must be a map, or given by name")


def multipart_content_type(form: Form) -> str:
    return form.content_type


def largest(first: Any, *others: Any) -> int | float:
    return max(_numbers(first, others))


def smallest(first: Any, *others: Any) -> int | float:
    return min(_numbers(first, others))


def _numbers(first: Any, others: tuple[Any, ...]) -> list[int | float]:
    """Take several arguments, or one list, as numbers."""
    return [
        number_or_zero(value) for value in (first if isinstance(first, list) else (first, *others))
    ]


def total(values: list[Any]) -> int | float:
    return sum(map(number, values))


def whole(value: Any) -> int:
    return int(number(value))


def fraction(value: Any) -> float:
    return float(number(value))


def rounded(value: Any, digits: int = 0) -> int | float:
    places = int(number(digits))
    if abs(places) > _MOST_PLACES:
        raise ValueError(f"more than {_MOST_PLACES} digits")
    return round(number(value), places) if places else round(number(value))


def absolute(value: Any) -> int | float:
    return abs(number(value))


def size(value: Any) -> int:
    return len(value)


_PURE: Mapping[str, Callable[..., Any]] = {
    "abs": absolute,
    "float": fraction,
    "get_current_date": get_current_date,
    "get_timestamp": get_timestamp,
    "int": whole,
    "len": size,
    "max": largest,
    "md5": md5,
    "min": smallest,
    "multipart_content_type": multipart_content_type,
    "multipart_encoder": multipart_encoder,
    "round": rounded,
    "setup_hook_prepare_kwargs": setup_hook_prepare_kwargs,
    "sleep": sleep,
    "sleep_N_secs": sleep,
    "split_by_comma": split_by_comma,
    "str": to_text,
    "sum": total,
}
