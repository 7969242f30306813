"""Write the values of parameters as OpenAPI's styles have them ("Style Values" of OpenAPI 3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain
from typing import Any

from ..values.text import to_text
from .document import Tree

_DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}


def pairs_of(parameter: Tree, value: Any) -> list[tuple[str, str]]:
    """Return the pairs of a parameter in the query or in a cookie."""
    name = str(parameter.get("name", ""))
    style = parameter.get("style") or "form"
    explode = parameter.get("explode", style == "form")
    if parameter.get("content"):
        return [(name, _json(value))]
    if isinstance(value, Mapping):
        if style == "deepObject":
            return [(f"{name}[{key}]", to_text(item)) for key, item in value.items()]
        if explode:
            return [(str(key), to_text(item)) for key, item in value.items()]
        value = _pieces(value, explode=False)
    if not isinstance(value, list):
        return [(name, to_text(value))]
    if explode:
        return [(name, to_text(item)) for item in value]
    return [(name, _DELIMITERS.get(style, ",").join(map(to_text, value)))]


def text_of(parameter: Tree, value: Any) -> str:
    """Return the text of a parameter in a header or in the path."""
    if parameter.get("content"):
        return _json(value)
    style, explode = parameter.get("style"), parameter.get("explode") is True
    pieces = _pieces(value, explode)
    if style == "label":  # RFC 6570, 3.2.5
        return "".join(f".{piece}" for piece in pieces)
    if style == "matrix":  # RFC 6570, 3.2.7
        name = f"{parameter.get('name')}="
        if explode:
            own = "" if isinstance(value, Mapping) else name
            return "".join(f";{own}{piece}" for piece in pieces)
        return f";{name}{','.join(pieces)}"
    return ",".join(pieces)


def _pieces(value: Any, explode: bool) -> list[str]:
    if isinstance(value, Mapping):
        pairs = [(str(key), to_text(item)) for key, item in value.items()]
        return ["=".join(pair) for pair in pairs] if explode else [*chain(*pairs)]
    return [to_text(one) for one in (value if isinstance(value, list) else [value])]


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
