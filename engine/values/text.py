"""How a value looks inside a longer text."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import orjson


def to_text(value: Any) -> str:
    """Return the text of a value: maps and lists as JSON, `true`, `null`, `3.0` as `3`.

    Floats are written in plain decimals, as short as exactness allows.
    """
    if isinstance(value, str):
        return value
    if value.__class__ is int:
        return str(value)
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return json_text(value)


def json_text(value: Any) -> str:
    """Return compact JSON; what JSON cannot hold is written as its plain text."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _float_text(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def shortened(value: Any, limit: int = 200) -> str:
    """Return the value as it should stand in a message: JSON, cut to `limit` characters."""
    text = json_text(value).encode("utf-8", "replace").decode()
    return text if len(text) <= limit else f"{text[:limit]}..."
