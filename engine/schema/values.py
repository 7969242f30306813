"""This module describes the kinds of values of a case file as the methods of `Fields` read them.

Keywords of JSON Schema apply only to values of their type, so one schema with several types says
what `anyOf` would, and editors show one short message for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..case.fields import NO, YES
from ..case.source import SCHEMA_KEY

Schema = dict[str, Any]
Keys = Mapping[str, Schema]

_SCALARS = ["string", "number", "boolean"]
# A key with null counts as absent almost everywhere.
ANYTHING: Schema = {}
GIVEN_TEXT: Schema = {"type": _SCALARS}
TEXT: Schema = {"type": [*_SCALARS, "null"]}
NAME: Schema = {"type": _SCALARS, "minLength": 1}
NUMBER: Schema = {"type": ["number", "null"]}
POSITIVE: Schema = {**NUMBER, "minimum": 0}
WHOLE: Schema = {"type": ["integer", "null"]}
TEXTS: Schema = {"type": [*_SCALARS, "array", "null"], "items": TEXT}
# An expression shows only at run time what it gives.
NUMBER_OR_EXPRESSION: Schema = {
    "type": ["number", "string"],
    "pattern": r"\$|^\s*[+-]?[\d_]*(\d|\d\.|\.\d)[\d_]*([eE][+-]?\d+)?\s*$",
    "patternErrorMessage": "Must be a number or an expression.",
}
SCHEMA: Keys = {
    SCHEMA_KEY: {
        "description": "The address of this schema, for editors.",
        "doNotSuggest": True,
    }
}


def map_of(values: Schema) -> Schema:
    """Describe a map that may also be written as a list of maps, or be empty."""
    return {
        "type": ["object", "array", "string", "null"],
        "additionalProperties": values,
        "items": {"type": "object", "additionalProperties": values},
        "pattern": "^$",
        "patternErrorMessage": "Must be a map.",
    }


def map_or_expression(values: Schema) -> Schema:
    """Describe a map, or the expression that gives one."""
    return {
        **map_of(values),
        "pattern": r"\$|^$",
        "patternErrorMessage": "Must be a map, or an expression that returns one.",
    }


def _in_any_case(word: str) -> str:
    return "".join(f"[{letter.upper()}{letter}]" if letter.isalpha() else letter for letter in word)


def word_pattern(words: Iterable[str]) -> str:
    """Return a pattern for one of the words in any letter case."""
    return f"^({'|'.join(map(_in_any_case, words))})$"


FLAG: Schema = {
    "type": ["boolean", "string", "null"],
    "pattern": word_pattern((*YES, *NO)),
    "patternErrorMessage": "Must be true or false.",
}


def one_of(words: Iterable[str]) -> Schema:
    """Describe a word of a list; an empty or absent one is the default."""
    return {"enum": [*words, "", None]}


def told(schema: Schema, text: str) -> Schema:
    """Add the text that an editor shows; a `$ref` takes no keyword beside it in draft 7."""
    if "$ref" in schema:
        return {"description": text, "allOf": [schema]}
    return {"description": text, **schema}


def unused(reasons: Mapping[str, str]) -> dict[str, Schema]:
    """Describe keys that are understood but have no effect: editors strike them through."""
    return {
        key: {"description": text, "deprecationMessage": text}
        for key, reason in reasons.items()
        for text in [f"{key} has no effect: {reason}."]
    }


def with_old_names(keys: Keys, names: Mapping[str, str]) -> dict[str, Schema]:
    """Add the names that keys had in earlier versions; editors accept but do not propose them."""
    old = {
        name: {**keys[today], "description": f"Older name of {today}.", "doNotSuggest": True}
        for name, today in names.items()
        if today in keys and name not in keys
    }
    return {**keys, **old}


def closed_map(keys: Keys, required: Iterable[str] = ()) -> Schema:
    """Describe a map that has these keys and no others."""
    schema: Schema = {"type": "object", "properties": dict(keys), "additionalProperties": False}
    return {**schema, "required": list(required)} if required else schema


def reference(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def having(*names: str) -> Schema:
    """Describe a map that has one of these keys; anything else than a map does not fit."""
    return {"type": "object", "anyOf": [{"required": [name]} for name in names]}
