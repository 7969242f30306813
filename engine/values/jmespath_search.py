"""This module searches a response by JMESPath; the library's errors end here."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, ClassVar

import jmespath
from jmespath.exceptions import JMESPathTypeError
from jmespath.functions import Functions
from jmespath.visitor import TreeInterpreter

from ..case.hints import meant
from ..case.searches import as_jmespath
from ..errors import StepFailed
from .time_limit import limited

_NAMES_ALL = re.compile(r"@|\bheaders\b(?!\s*\.)")
_FUNCTIONS = tuple(Functions.FUNCTION_TABLE)
_FOLLOWING = ("subexpression", "filter_projection", "value_projection")
_HINT = 'write a name of other characters in quotes: body."x y"'

Fields = Mapping[str, Callable[[Any], Any]]


def compile_jmespath(path: str, fields: Fields) -> Callable[[Any], Any]:
    """Compile a path of `searches.modern`; raises ValueError saying what is wrong."""
    search = partial(_Interpreter().visit, _parsed(path))
    view = _view(path, fields)

    def read(response: Any) -> Any:
        seen = view(response)  # outside of the limit: decoding a large body may take long
        try:
            return limited(search, seen)
        except Exception as error:  # what a function makes of a value can be anything
            raise StepFailed("extract", f"{path[:100]}: {_reason(error)}") from error

    return read


def _parsed(path: str) -> Any:
    """Return the syntax tree; raises ValueError."""
    try:
        with warnings.catch_warnings():
            # Of a text in backticks without quotes, which the library reads all the same.
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            tree = _mended(jmespath.compile(as_jmespath(path)).parsed)
        unknown = [name for name in _called(tree) if name not in _FUNCTIONS]
    except RecursionError as error:
        raise ValueError("not a JMESPath expression: nested too deeply") from error
    except Exception as error:  # the parser also raises ValueError, KeyError and others
        raise ValueError(f"not a JMESPath expression: {_reason(error)}; {_HINT}") from error
    for name in unknown:
        raise ValueError(f"JMESPath has no function {name}; {meant(name, _FUNCTIONS)}".rstrip("; "))
    return tree


def _called(node: Any) -> Iterator[str]:
    """Yield the names of the functions that a syntax tree calls."""
    if isinstance(node, dict):
        if node["type"] == "function_expression":
            yield node["value"]
        for child in node["children"]:
            yield from _called(child)


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


def _or_null(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return a comparison that gives null for a number and a text, as the specification says."""

    def comparison(left: Any, right: Any) -> Any:
        try:
            return compare(left, right)
        except TypeError:
            return None

    return comparison


class _Interpreter(TreeInterpreter):
    COMPARATOR_FUNC: ClassVar = {
        sign: _or_null(compare) for sign, compare in TreeInterpreter.COMPARATOR_FUNC.items()
    }


def _view(path: str, fields: Fields) -> Callable[[Any], dict[str, Any]]:
    """Return a function that makes the fields of a response that a path may ask for."""
    if _NAMES_ALL.search(path):
        return lambda response: _all_fields(fields, response)
    named = [(name, read) for name, read in fields.items() if name in path]
    return lambda response: {name: read(response) for name, read in named}


def _all_fields(fields: Fields, response: Any) -> dict[str, Any]:
    """Return the response as plain values, for searches that take it or its headers as a whole."""
    made = {name: read(response) for name, read in fields.items()}
    return made | {"headers": dict(made["headers"]), "cookies": dict(made["cookies"])}


def _reason(error: Exception) -> str:
    """Return why a search failed, without the value that it failed for: it may be anything."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, JMESPathTypeError):
        expected = " or ".join(error.expected_types)
        return f"{error.function_name}() takes {expected}, not {error.actual_type}"
    line = str(error).partition("\n")[0].removesuffix(", for expression:").rstrip(": ")
    return line[:200] or type(error).__name__
