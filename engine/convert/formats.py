"""Tell the formats of source files apart by their structure, never by a word in their text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from msgspec import Struct

from ..case.nodes import SourceError
from ..case.yaml_source import parse_yaml
from .curl import is_script

Kind = Literal["curl", "HAR", "Postman", "Postman v1", "environment", "OpenAPI"]

_KNOWN = "HAR, Postman, curl, OpenAPI 3 and Swagger 2.0 can be converted"
# A map in YAML begins with a key, a list with a dash; a command line begins with neither.
_YAML_START = re.compile(r"""(?:"[^"]*"|'[^']*'|[\w.$/-]+)\s*:(?:\s|$)|---|-\s|%YAML""")
# Postman's API and its exports of all data put collections and environments below these keys.
_WRAPPERS = ("collection", "collections", "environment", "environments")
_OTHERS = {
    "asyncapi": ("an AsyncAPI document", "only HTTP is converted"),
    "__export_format": ("an Insomnia export", "export it as HAR"),
    "teststeps": ("already a test case", "run it as it is"),
    "testcases": ("already a test suite", "run it as it is"),
    "swaggerVersion": ("Swagger 1", "write it as OpenAPI 3 first"),
    "paths": ("a part of an OpenAPI document", "convert the file that has the key openapi"),
}


class Part(Struct, frozen=True):
    """One known tree of a source; it is None for a script of curl commands."""

    kind: Kind
    tree: Any


def parts_of(text: str) -> list[Part]:
    """Return what the text holds; raises SourceError if that is nothing known."""
    text = text.removeprefix("\ufeff")  # the byte order mark of exports on Windows
    if text.lstrip()[:1] in ("{", "["):
        return _parts(_json(text))
    first = _first_line(text)
    if _YAML_START.match(first):
        return _parts(parse_yaml(text).plain())
    if first.startswith("<") or ("curl" not in text and not is_script(text)):
        raise SourceError(0, "this is not a known format", _KNOWN)
    return [Part("curl", None)]


def _first_line(text: str) -> str:
    """Return the first line that is neither blank nor a comment, in YAML as in a shell."""
    lines = (line.strip() for line in text.splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise SourceError(error.lineno, f"not JSON: {error.msg}") from error
    except RecursionError as error:
        raise SourceError(0, "nested too deep") from error


def _parts(tree: Any) -> list[Part]:
    found = list(_known(tree))
    if found:
        return found
    names = tree if isinstance(tree, Mapping) else _first_item(tree)
    for key, (what, hint) in _OTHERS.items():
        if key in names:
            raise SourceError(0, f"this is {what}", hint)
    raise SourceError(0, "this is not a known format", _KNOWN)


def _first_item(tree: Any) -> Mapping[str, Any]:
    """Return a map with the keys that stand for the first item of a list."""
    first = tree[0] if isinstance(tree, list) and tree else None
    is_case = isinstance(first, Mapping) and ("config" in first or "test" in first)
    return {"teststeps": tree} if is_case else {}


def _known(tree: Any) -> Iterator[Part]:
    if isinstance(tree, list):
        for item in tree:
            yield from _known(item)
        return
    if not isinstance(tree, Mapping):
        return
    if kind := _kind(tree):
        yield Part(kind, tree)
        return
    for key in _WRAPPERS:
        inner = tree.get(key)
        if isinstance(inner, Mapping) and key == "environment" and _is_list(inner, "values"):
            yield Part("environment", inner)
        else:
            yield from _known(inner)


def _kind(tree: Mapping[str, Any]) -> Kind | None:
    if isinstance(tree.get("log"), Mapping) and "entries" in tree["log"]:
        return "HAR"
    if "info" in tree and "item" in tree:
        return "Postman"
    if _is_list(tree, "requests") and ("order" in tree or "folders" in tree):
        return "Postman v1"
    if _is_list(tree, "values") and ("name" in tree or "_postman_variable_scope" in tree):
        return "environment"
    return "OpenAPI" if "openapi" in tree or "swagger" in tree else None


def _is_list(tree: Mapping[str, Any], key: str) -> bool:
    return isinstance(tree.get(key), list)
