"""Write plain values as valid JSON, even if they hold text that is not valid Unicode."""

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
    """Return JSON on one line with a final newline."""
    return _json(data, 0)


def ms_of(seconds: float | None) -> float | None:
    """Return a time in ms, as result files hold it; None if it is unknown."""
    return None if seconds is None else round(seconds * 1000, 3)


def _json(data: Mapping[str, Any], option: int) -> bytes:
    try:
        return orjson.dumps(data, option=option | orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:  # rare, so that texts are searched only after a failure
        return orjson.dumps(_encodable(data), option=option | orjson.OPT_APPEND_NEWLINE)


def _encodable(value: Any) -> Any:
    """Replace lone surrogates by U+FFFD, because UTF-8 cannot encode them."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {_encodable(name): _encodable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(item) for item in value]
    return value
