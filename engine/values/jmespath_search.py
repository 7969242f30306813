"""This module searches a response by JMESPath; the library's errors end here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import jmespath
from jmespath.parser import ParsedResult

from ..case.searches import as_jmespath
from ..errors import StepFailed

_NAMES_ALL = re.compile(r"@|\bheaders\b(?!\s*\.)")
_FOLLOWING = ("subexpression", "filter_projection", "value_projection")
_HINT = 'write a name of other characters in quotes: body."x:y"'

Fields = Mapping[str, Callable[[Any], Any]]


def compile_jmespath(path: str, fields: Fields) -> Callable[[Any], Any]:
    """Compile a path of `searches.modern`; raises ValueError saying what is wrong."""
    try:
        parsed = jmespath.compile(as_jmespath(path))
        search = ParsedResult(parsed.expression, _mended(parsed.parsed)).search
    except RecursionError as error:
        raise ValueError("not a JMESPath expression: nested too deeply") from error
    except Exception as error:  # the parser also raises ValueError, KeyError and others
        raise ValueError(f"not a JMESPath expression: {_first_line(error)}; {_HINT}") from error
    view = _all_fields if _NAMES_ALL.search(path) else _Fields

    def read(response: Any) -> Any:
        try:
            return search(view(fields, response))
        except Exception as error:  # what a function makes of a value can be anything
            raise StepFailed("extract", f"{path}: {_first_line(error)}") from error

    return read


def _mended(node: Any) -> Any:
    """Return a syntax tree in which all that follows `a.*` is done to each of its values.

    The library ends the projection of `a.*.b.c` behind `b` (jmespath.py, issue 131).
    """
    if not isinstance(node, dict):
        return node  # a number of a slice
    children = [_mended(child) for child in node["children"]]
    first = children[0] if children else node
    if node["type"] not in _FOLLOWING or first["type"] != "value_projection":
        return {**node, "children": children}
    owner, inner = first["children"]
    return _mended({**first, "children": [owner, {**node, "children": [inner, *children[1:]]}]})


class _Fields:
    """The response as JMESPath sees it: fields are made only when they are asked for."""

    def __init__(self, fields: Fields, response: Any) -> None:
        self.fields = fields
        self.response = response

    def get(self, name: str) -> Any:
        read = self.fields.get(name)
        return read(self.response) if read else None


def _all_fields(fields: Fields, response: Any) -> dict[str, Any]:
    """Return the response as plain values, for searches that take it or its headers as a whole."""
    made = {name: read(response) for name, read in fields.items()}
    return made | {"headers": dict(made["headers"]), "cookies": dict(made["cookies"])}


def _first_line(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    line = str(error).partition("\n")[0].removesuffix(", for expression:").rstrip(": ")
    return line or type(error).__name__
