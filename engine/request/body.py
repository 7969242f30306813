"""This module encodes `json`, `data` and `body` by HttpRunner's rules, scalars included."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from ..errors import StepFailed
from ..values.text import to_text

JSON_TYPE = "application/json; charset=utf-8"
FORM_TYPE = "application/x-www-form-urlencoded"


def encode_body(kind: str, value: Any, content_type: str) -> tuple[bytes, str | None]:
    """Return the bytes, and the content type to set if the author's own does not count.

    `json` is always JSON, and a text that is a JSON object or list already goes as it is. `data`
    and `body` are a form when the content type says so and the value is a map, JSON for other
    maps and lists, and raw otherwise. Null is no body.
    Raises StepFailed (kind template) for a value that JSON cannot hold.
    """
    given = content_type.lower()
    if isinstance(value, bytes):
        return value, None
    if value is None:
        return b"", None
    if kind == "json":
        data = _encode_text(value) if _is_document(value) else encode_json(value)
        return data, None if "json" in given else JSON_TYPE
    if isinstance(value, Mapping) and given.startswith(FORM_TYPE):
        return encode_form(value), None
    if isinstance(value, Mapping | list):
        return encode_json(value), None if given else JSON_TYPE
    return _encode_text(to_text(value)), None


def encode_json(value: Any) -> bytes:
    """Return compact JSON: the author's key order, exact integers, no NaN, bytes as base64."""
    try:
        data = orjson.dumps(value, _base64)
    except orjson.JSONEncodeError:
        return _encode_exactly(value)
    # orjson writes NaN and infinity as null without a word.
    return _encode_exactly(value) if b"null" in data else data


def encode_form(value: Mapping[str, Any]) -> bytes:
    """Return the fields percent-encoded; raises StepFailed for a text that UTF-8 cannot hold."""
    try:
        return urlencode(list(pairs_of(value))).encode()
    except UnicodeEncodeError as error:
        raise StepFailed("template", f"the form cannot be encoded: {error}", "body") from error


def pairs_of(value: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Return name and text of each field: null is left out, a list repeats its name."""
    for name, item in value.items():
        for single in item if isinstance(item, list | tuple) else (item,):
            if single is not None:
                yield str(name), to_text(single)


def _encode_text(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _is_document(value: Any) -> bool:
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True


def _base64(value: Any) -> str:
    """Write bytes as HttpRunner does."""
    if isinstance(value, bytes):
        return b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} is not a JSON value")


_EXACT = json.JSONEncoder(
    allow_nan=False, ensure_ascii=False, separators=(",", ":"), default=_base64
)


def _encode_exactly(value: Any) -> bytes:
    # Integers beyond 64 bits are the usual reason to come here.
    try:
        return _EXACT.encode(value).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise StepFailed("template", f"the body is not JSON: {error}", "body") from error
