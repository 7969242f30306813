"""This module describes the files that are run or referenced: cases, suites, APIs and lists."""

from __future__ import annotations

from typing import Any

from .config import CONFIG, CONFIG_KEYS
from .requests import CHECK, PAIR, REQUEST
from .steps import API, API_KEYS, STEPS, TESTCASE
from .values import ANYTHING, SCHEMA, Schema, closed_map, reference, told

_TOP = {
    **SCHEMA,
    "config": told(reference("config"), "What holds for all steps."),
}
_CASE = closed_map(
    {
        **_TOP,
        "teststeps": {
            "type": "array",
            "items": reference("step"),
            "description": "The steps, in the order in which they run.",
        },
    },
    required=("teststeps",),
)
_ENTRY: Schema = {
    **closed_map({**CONFIG_KEYS, "testcase": TESTCASE}, required=("testcase",)),
    "type": ["object", "null"],
}
_SUITE = closed_map(
    {
        **_TOP,
        "testcases": {
            "type": ["array", "object"],
            "items": reference("entry"),
            "minItems": 1,
            "additionalProperties": reference("entry"),
            "minProperties": 1,
            "description": "Cases to run, each with values of its own.",
        },
    },
    required=("testcases",),
)
_LABELS = {name: told(ANYTHING, "Names the API: get_user($uid).") for name in ("def", "id")}
_PART = closed_map(
    {
        "config": {**reference("config")},
        "test": reference("step"),
        "api": closed_map({**API_KEYS, **_LABELS}, required=("request",)),
    }
)
_LIST: Schema = {"type": "array", "items": _PART, "minItems": 1}
_NOT_A_CASE = {"required": ["request"], "not": {"required": ["teststeps"]}}
_A_SUITE = {"required": ["testcases"], "not": {"required": ["teststeps"]}}


def case_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 7) of case files, test suites, API files and lists."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "HttpRunner test case for boomtalk",
        "type": ["object", "array"],
        "if": {"type": "array"},
        "then": reference("list"),
        "else": {"if": _A_SUITE, "then": reference("suite"), "else": reference("referenced")},
        "definitions": {
            "case": _CASE,
            "suite": _SUITE,
            "entry": _ENTRY,
            "list": _LIST,
            "referenced": {"if": _NOT_A_CASE, "then": reference("api"), "else": reference("case")},
            "config": CONFIG,
            **STEPS,
            "api": API,
            "request": REQUEST,
            "check": CHECK,
            "pair": PAIR,
        },
    }
