"""This module describes the `request` of a step, and what a step does around it."""

from __future__ import annotations

from ..case.requests import METHODS, UNUSED, USUAL
from ..values.comparisons import ASSERTIONS, SIGNS
from .values import (
    ANYTHING,
    FLAG,
    GIVEN_TEXT,
    TEXT,
    Schema,
    closed_map,
    having,
    map_of,
    map_or_expression,
    reference,
    told,
    unused,
    word_pattern,
)

_METHOD: Schema = {
    "type": "string",
    "anyOf": [
        {"enum": list(USUAL)},
        {"pattern": word_pattern(sorted(METHODS))},
        {"pattern": r"\$"},
    ],
}
_TIMEOUT: Schema = {
    "type": ["number", "array", "null"],
    "minimum": 0,
    "items": {"type": "number", "exclusiveMinimum": 0},
    "minItems": 2,
    "maxItems": 2,
}
HEADERS = told(map_of(TEXT), "Headers by name.")
PARAMS = told(map_of(ANYTHING), "Query parameters by name; a list sends one for each value.")

REQUEST = closed_map(
    {
        "method": told(_METHOD, "The HTTP method: GET, POST, ..."),
        "url": told(GIVEN_TEXT, "A path below base_url, or a whole URL."),
        "params": PARAMS,
        "headers": told(
            map_or_expression(TEXT), "Headers by name, or an expression that returns a map of them."
        ),
        "cookies": told(map_of(TEXT), "Cookies by name, for this request."),
        "json": told(ANYTHING, "The body, sent as JSON."),
        "data": told(ANYTHING, "The body: a form, JSON or text, as the Content-Type says."),
        "body": told(ANYTHING, "The body, as data; comes before json and data."),
        "upload": told(map_of(ANYTHING), "A multipart form; @path sends a file of the project."),
        "timeout": told(_TIMEOUT, "Seconds for the whole attempt; [connect, read] is added up."),
        "allow_redirects": told(FLAG, "Follow redirects; default: true."),
        "verify": told(FLAG, "Verify the TLS certificate; default: true."),
        "http2": told(FLAG, "Send it over HTTP/2, which needs https."),
        **unused(UNUSED),
    },
    required=("method", "url"),
)

_HOOK: Schema = {"type": ["string", "object"]}
_HOOKS: Schema = {"type": ["array", "string", "object", "null"], "items": _HOOK}
_SEARCHES = ["status_code", "body.", "headers.", "cookies.", "elapsed"]
# Of several names of an assertion, the first.
_PROPOSED = [*{ASSERTIONS[name]: name for name in reversed([*ASSERTIONS])}.values()][::-1]
_LONG_CHECK = closed_map(
    {
        "check": told(
            {"examples": _SEARCHES}, "What is checked: a search in the response, or any value."
        ),
        "assert": told(
            {**TEXT, "examples": _PROPOSED}, "The assertion, or a function of debugtalk.py."
        ),
        "comparator": told({**TEXT, "doNotSuggest": True}, "Older name of assert."),
        "expect": told(ANYTHING, "The expected value."),
        "expected": told({"doNotSuggest": True}, "Older name of expect."),
        "msg": told(TEXT, "A message for the report."),
        "message": told({**TEXT, "doNotSuggest": True}, "Older name of msg."),
    }
)
_LONG_CHECK["anyOf"] = [{"required": ["expect"]}, {"required": ["expected"]}]
PAIR: Schema = {"type": "array", "minItems": 2, "maxItems": 3, "items": [ANYTHING, ANYTHING, TEXT]}


def _short(name: str) -> Schema:
    """Describe `name: [what, expected]`; editors propose the first name of each assertion."""
    text = f"{name}: [what, expected] or [what, expected, message]"
    return {
        **told(reference("pair"), text),
        **({} if name in _PROPOSED else {"doNotSuggest": True}),
    }


_SHORT_CHECK: Schema = {
    "type": "object",
    "minProperties": 1,
    "properties": {
        "check": _LONG_CHECK["properties"]["check"],
        **{name: _short(name) for name in ASSERTIONS},
        **{sign: _short(sign) for sign in SIGNS},
    },
    # Functions of debugtalk.py are assertions, too.
    "additionalProperties": reference("pair"),
}
CHECK: Schema = {
    "type": "object",
    "if": having("check"),
    "then": _LONG_CHECK,
    "else": _SHORT_CHECK,
}
_CHECKS: Schema = {
    "type": ["array", "object", "null"],
    "items": reference("check"),
    "if": {"type": "object"},
    "then": reference("check"),
}

VARIABLES = told(
    map_or_expression(ANYTHING), "Variables by name, or an expression that returns a map of them."
)
AROUND = {
    "variables": VARIABLES,
    "setup_hooks": told(_HOOKS, "Calls before the request; {name: call} keeps the result."),
    "teardown_hooks": told(_HOOKS, "Calls after the response; {name: call} keeps the result."),
    "extract": told(
        map_of({**TEXT, "examples": _SEARCHES}), "Variables to take from the response, by name."
    ),
    "validate": told(_CHECKS, "Checks: [eq: [status_code, 200]] or [{check, assert, expect}]."),
}
