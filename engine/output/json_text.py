"""Plain values as JSON that every reader takes, whatever foreign text they hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def json_page(data: Mapping[str, Any]) -> bytes:
    """Return indented JSON with a final newline."""
    return _json(data, orjson.OPT_INDENT_2)


def json_line(data: Mapping[str, Any]) -> bytes:
    """Return JSON on a line of its own."""
    return _json(data, 0)


def ms_of(seconds: float | None) -> float | None:
    """Return a time as files hold it: in ms, None where it is unknown."""
    return None if seconds is None else round(seconds * 1000, 3)


def _json(data: Mapping[str, Any], option: int) -> bytes:
    try:
        return orjson.dumps(data, option=option | orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:  # rare, so texts are only looked at once it has happened
        return orjson.dumps(_encodable(data), option=option | orjson.OPT_APPEND_NEWLINE)


def _encodable(value: Any) -> Any:
    """Return the value with U+FFFD for lone surrogates, which UTF-8 cannot hold."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {_encodable(name): _encodable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(item) for item in value]
    return value
