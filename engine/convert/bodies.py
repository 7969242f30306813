"""Turn the text of a body into the most readable form that is sent in the same way."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from ..case.nodes import DEEPEST
from ..request.body import FORM_TYPE, encode_form
from .draft import Body, Expression, Form, Json, Pairs, Text
from .multipart import multipart_body


def body_of(text: str, content_type: str) -> Body:
    """Return the body for a content type: JSON as a value, a form as its fields, else the text."""
    kind = content_type.lower()
    if "json" in kind:
        return json_body(text) or Text(text)
    if kind.startswith(FORM_TYPE):
        pairs = parse_qsl(text, keep_blank_values=True)
        return Form(pairs) if _is_same_form(pairs, text) else Text(text)
    return multipart_body(text, content_type) or Text(text)


def json_body(text: str) -> Json | None:
    """Return the value of a JSON text; None for null, or if parsing it would lose something."""
    try:
        value = json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    # The limit of case files counts the levels around the body, too: leave room for them.
    return Json(value) if value is not None and _depth(value) < DEEPEST // 2 else None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _depth(value: Any) -> int:
    inner: Iterable[Any] = ()
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
    return 1 + max(map(_depth, inner), default=0)


def _is_same_form(pairs: Pairs, text: str) -> bool:
    return bool(pairs) and encode_form(grouped(pairs)) == text.encode("utf-8", "surrogatepass")


def grouped(pairs: Pairs) -> dict[str, Any]:
    """Return the pairs as a map; values of a repeated name become a list, digits a number."""
    found: dict[str, list[Any]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(_number_or_text(value))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _number_or_text(text: str) -> Any:
    is_number = text.isascii() and text.isdecimal() and len(text) < 16
    is_same = is_number and not isinstance(text, Expression) and str(int(text)) == text
    return int(text) if is_same else text
