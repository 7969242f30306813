"""This module describes the `config` of a case, and the entries of a test suite."""

from __future__ import annotations

from ..case.config import LABELS, ORDERS, STRATEGIES, UNUSED
from ..case.older import CONFIG_NAMES
from .requests import HEADERS, VARIABLES
from .values import (
    ANYTHING,
    FLAG,
    NUMBER,
    POSITIVE,
    TEXT,
    TEXTS,
    WHOLE,
    Schema,
    closed_map,
    map_of,
    one_of,
    told,
    unused,
    with_old_names,
)

_ROWS: Schema = {"type": ["array", "string"], "minItems": 1}
_ORDER = told(one_of(ORDERS), "Which row is used next; default: sequential.")
_STRATEGY: Schema = {
    "type": ["object", "string", "null"],
    "properties": {"pick_order": _ORDER},
    "pattern": f"^({'|'.join(ORDERS)})?$",
}
_PARAMETERS_SETTING = closed_map(
    {
        "pick_order": _ORDER,
        "strategies": told(map_of(_STRATEGY), "The pick_order of single groups, by their names."),
        "limit": told(WHOLE, "Rows that a functional run uses; default: all."),
        "per": told(
            one_of(("iteration", "user")),
            "Under load, take a row for each iteration, or one for each user; default: iteration.",
        ),
        **unused(dict.fromkeys(("strategy", "parameterIterator"), "use pick_order")),
    }
)
_SHARE = told(POSITIVE, "A share of the written pause: 0.5 is half of it.")
_THINK_TIME_SETTING: Schema = {"min_percentage": _SHARE, "max_percentage": _SHARE}
_THINK_TIME = closed_map(
    {
        "strategy": told(one_of(STRATEGIES), "What becomes of the pauses of think_time steps."),
        "setting": told(
            ANYTHING,
            "{min_percentage, max_percentage} for random_percentage, a factor for multiply.",
        ),
        "limit": told(NUMBER, "The longest pause, in seconds."),
    }
)
_THINK_TIME["if"] = {"properties": {"strategy": {"enum": ["random_percentage"]}}}
_THINK_TIME["if"]["required"] = ["strategy"]
_THINK_TIME["then"] = {
    "properties": {"setting": {**closed_map(_THINK_TIME_SETTING), "type": ["object", "null"]}}
}

CONFIG_KEYS = with_old_names(
    {
        "name": told(TEXT, "The name of the case in reports; default: that of the file."),
        "base_url": told(TEXT, "Begins relative URLs; .env and --base-url override it."),
        "headers": told(HEADERS, "Headers of all steps; those of a step override them."),
        "variables": VARIABLES,
        "environs": told(map_of(TEXT), "Plain texts for ${ENV(name)}; .env overrides them."),
        "parameters": told(
            {**map_of(_ROWS), "type": ["object", "array", "null"]},
            "Rows of values by name: a list, a data file or an expression. a-b names two columns.",
        ),
        "parameters_setting": told(
            {**_PARAMETERS_SETTING, "type": ["object", "null"]}, "Which rows are used."
        ),
        "think_time": told(
            {**_THINK_TIME, "type": ["object", "null"]}, "How written pauses become real ones."
        ),
        "request_timeout": told(POSITIVE, "Seconds for one whole attempt of a request."),
        "timeout": told(POSITIVE, "Same as request_timeout."),
        "case_timeout": told(POSITIVE, "Seconds for one pass through the case."),
        "verify": told(FLAG, "Verify TLS certificates; default: true."),
        "weight": told({**WHOLE, "minimum": 0}, "Share of the users among several cases."),
        "export": told(TEXTS, "Variables for the step that references this case."),
        "output": told({**TEXTS, "doNotSuggest": True}, "Older name of export."),
        **{name: told(ANYTHING, "A label; it has no effect.") for name in sorted(LABELS)},
        **unused(UNUSED),
    },
    CONFIG_NAMES,
)
CONFIG: Schema = {**closed_map(CONFIG_KEYS), "type": ["object", "null"]}
