"""This module describes steps by kind, and API files, which hold what a step may have."""

from __future__ import annotations

from ..case.older import STEP_NAMES
from ..case.steps import ACTIONS, KINDS, ONCE, UNUSED, UNUSED_AROUND_CASE, UNUSED_IN_API
from .requests import AROUND, HEADERS, PARAMS, VARIABLES
from .values import (
    ANYTHING,
    FLAG,
    NAME,
    NUMBER,
    NUMBER_OR_EXPRESSION,
    SCHEMA,
    TEXT,
    TEXTS,
    WHOLE,
    Keys,
    Schema,
    closed_map,
    having,
    reference,
    told,
    unused,
    with_old_names,
)

_COMMON = {
    "name": told(TEXT, "The name of the step in reports."),
    "variables": VARIABLES,
    "loops": told(
        {**NUMBER_OR_EXPRESSION, "type": ["number", "string", "null"]},
        "Number of times that the step runs.",
    ),
    "skip": told(ANYTHING, "Skip the step if this is true, or a text: the reason."),
    "skip_unless": told(ANYTHING, "Skip the step unless this is true."),
    **unused(UNUSED),
}
_SENDING = {
    "once": told(
        {"enum": [*ONCE, None]},
        "Run once: in each user's first iteration (user), before the load (run), after it (end).",
    )
}
_EXPORT = {
    "export": told(TEXTS, "Variables of the referenced case that come back."),
    "output": told({**TEXTS, "doNotSuggest": True}, "Older name of export."),
}
_BASE_URL = told(TEXT, "Begins a relative URL, in place of the base_url of the config.")
_VERIFY = told(FLAG, "Verify the TLS certificate; default: true.")
# A path, or a name of HttpRunner 1 with arguments: get_user($uid).
_FILE = r"\.(yml|yaml|json)$|^[^/\\.]+(\(.*\))?$"


def _file_or_map(name: str, text: str) -> Schema:
    """Describe a reference to a file, in whose place its content may stand."""
    schema = {
        "type": ["string", "object"],
        "pattern": _FILE,
        "patternErrorMessage": "Must be the path of a .yml, .yaml or .json file.",
    }
    return told({**schema, "if": {"type": "object"}, "then": reference(name)}, text)


TESTCASE = _file_or_map("referenced", "Run this case file, a path below the project folder.")
_THINK_TIME = {
    **NUMBER_OR_EXPRESSION,
    "type": ["number", "string", "object"],
    **{
        key: value
        for key, value in closed_map(
            {"time": told(NUMBER_OR_EXPRESSION, "Seconds.")}, required=["time"]
        ).items()
        if key != "type"
    },
}
_TRANSACTION = closed_map(
    {
        "name": told(NAME, "The name of the transaction in reports."),
        "type": told({"enum": ["start", "end"]}, "Where it begins, or ends."),
    },
    required=("name", "type"),
)
_RENDEZVOUS = closed_map(
    {
        "name": told(NAME, "The name of the meeting point."),
        "number": told(WHOLE, "Users that are waited for; default: all."),
        "percent": told(NUMBER, "Share of the users that are waited for: 0.8 is 80 %."),
        "timeout": told(NUMBER, "Milliseconds after which those who wait go on; default: 5000."),
    },
    required=("name",),
)
_WEBSOCKET = closed_map(
    {
        "type": told(
            {"enum": list(ACTIONS)}, "open, ping, w (write), r (read), wr (both) or close."
        ),
        "url": told(TEXT, "The URL of the websocket, which names the connection."),
        "params": PARAMS,
        "headers": HEADERS,
        "text": told(ANYTHING, "The message as a text."),
        "binary": told(ANYTHING, "The message as bytes."),
        "timeout": told(NUMBER, "Milliseconds; default: 30000."),
        "close_status": told(WHOLE, "Status code of close; default: 1000."),
        "new_connection": told(FLAG, "Open another connection, although one is open."),
    },
    required=("type",),
)
_KINDS: Keys = {
    "request": told(reference("request"), "Send an HTTP request."),
    "api": _file_or_map(
        "api", "Send the request of this API file, a path below the project folder."
    ),
    "testcase": TESTCASE,
    "think_time": told(_THINK_TIME, "Pause this user: seconds, or {time: seconds}."),
    "transaction": told(_TRANSACTION, "Begin or end a transaction: steps whose time is measured."),
    "rendezvous": told(_RENDEZVOUS, "Wait until other users are here, too."),
    "websocket": told(_WEBSOCKET, "Act on a websocket."),
}
_BESIDE: Keys = {
    "request": {**_SENDING, **AROUND, **_EXPORT, "base_url": _BASE_URL, "verify": _VERIFY},
    "api": {
        **_SENDING,
        **AROUND,
        **_EXPORT,
        "base_url": _BASE_URL,
        **unused({"request": "the API's request is sent"}),
    },
    "testcase": {**_SENDING, **_EXPORT, **unused(UNUSED_AROUND_CASE)},
    "websocket": {**_SENDING, **AROUND},
}


def _step(kind: str) -> Schema:
    """Describe the steps of one kind."""
    keys = {**_COMMON, **_BESIDE.get(kind, {"once": {"type": "null", "doNotSuggest": True}})}
    keys[kind] = _KINDS[kind]
    return closed_map(with_old_names(keys, STEP_NAMES))


def _name(kind: str) -> str:
    return f"{kind} step"


def _any_step() -> Schema:
    """Describe all steps: by the kind that is given, or all keys while none is given yet."""
    unknown = {**_COMMON, **_SENDING, **AROUND, **_EXPORT, **_KINDS}
    schema: Schema = {**closed_map(unknown), **having(*_KINDS)}
    for kind in reversed(KINDS):
        names = (kind, *(old for old, today in STEP_NAMES.items() if today == kind))
        schema = {"if": having(*names), "then": reference(_name(kind)), "else": schema}
    return schema


STEPS: Keys = {"step": _any_step(), **{_name(kind): _step(kind) for kind in KINDS}}
API_KEYS = with_old_names(
    {
        **SCHEMA,
        "name": told(TEXT, "The name of steps that have none."),
        "base_url": _BASE_URL,
        "verify": _VERIFY,
        **AROUND,
        **_EXPORT,
        **unused(UNUSED_IN_API),
        "request": _KINDS["request"],
    },
    STEP_NAMES,
)
API = closed_map(API_KEYS, required=("request",))
