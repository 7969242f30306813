"""Write cases that use a value in every place where a case may use one."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from boomtalk.engine.values.assertions import ASSERTIONS

from .odd_values import TEXTS

Step = dict[str, Any]

_FUNCTIONS = (
    *(
        "abs",
        "float",
        "get_timestamp",
        "get_current_date",
        "int",
        "len",
        "max",
        "md5",
        "min",
        "round",
    ),
    *("multipart_content_type", "multipart_encoder", "sleep", "split_by_comma", "str", "sum"),
    *("environ", "ENV", "gen_random_string", "random_int", "parameterize", "P", "load_ws_message"),
    *("give", "f"),
)
_REQUESTS: tuple[Mapping[str, Any], ...] = (
    *({"url": "/$v"}, {"url": "$v"}, {"url": "/", "params": {"k": "$v"}}),
    *({"url": "/", "params": {"$v": 1}}, {"url": "/", "headers": {"X-V": "$v"}}),
    *({"url": "/", "headers": {"$v": "x"}}, {"url": "/", "cookies": {"k": "$v"}}),
    *({"url": "/", "cookies": {"$v": "x"}}, {"url": "/", "json": "$v"}, {"url": "/", "data": "$v"}),
    *({"url": "/", "json": {"a": ["$v"], "x$v": 1}}, {"url": "/", "body": "$v"}),
    *(
        {"url": "/", "data": {"k": "$v"}, "headers": {"Content-Type": _FORM}}
        for _FORM in ("application/x-www-form-urlencoded", "text/plain")
    ),
    *({"url": "/", "upload": {"k": "$v"}}, {"url": "/", "upload": {"$v": "x"}}),
    {"url": "/", "data": "${multipart_encoder($v)}"},
)
_SEARCHES = (
    *("$v", "body[$v", "body.$v", "$v(.*)", "(.*)$v", "headers.$v", "cookies", "headers", "body"),
    *("length(body)", "body | [$v]", "sort(body)", "join(`,`, body)", "to_string(@)", "body.*"),
)


def odd_step(chance: random.Random) -> Step:
    """Return one step that uses the variable `v` somewhere."""
    step: Step = {"name": "use", "request": {"method": "POST", "url": "/"}}
    step |= chance.choice(_KINDS)(chance)
    return {key: part for key, part in step.items() if part is not None}


def odd_name(chance: random.Random, part: dict[str, Any]) -> dict[str, Any]:
    """Return the step or config, at times with an odd name."""
    return part | {"name": chance.choice(TEXTS)} if chance.random() < 0.3 else part


def odd_config(chance: random.Random) -> dict[str, Any]:
    """Return entries of a config that use the value of `give`, mostly none."""
    if chance.random() < 0.8:
        return {}
    return chance.choice(
        [
            {"parameters": {"p": "${rows()}"}},
            {"variables": {"w": "${give()}"}},
            {"base_url": "${give()}"},
            {"headers": {"X-Config": "${give()}"}},
            {"export": ["v", "w"]},
        ]
    )


def _request(chance: random.Random) -> Step:
    return {"request": {"method": "POST", **chance.choice(_REQUESTS)}}


def _method(chance: random.Random) -> Step:
    return {"request": {"method": "$v", "url": "/"}}


def _function(chance: random.Random) -> Step:
    given = chance.choice(["$v", "$v, $v", "[$v]", "[$v, 1]", "x$v"])
    return {"variables": {"w": f"${{{chance.choice(_FUNCTIONS)}({given})}}"}}


def _extract(chance: random.Random) -> Step:
    text = chance.choice(_SEARCHES)
    return {"extract": {"w": text}, "validate": [{"eq": ["$w", "$v"]}]}


def _check(chance: random.Random) -> Step:
    sides = ["body", "$v", "status_code", "headers", "body.a", "x", 1, "x$v", "cookies", ["$v"]]
    one = chance.choice(list(ASSERTIONS))
    return {"validate": [{one: [str(chance.choice(sides[:5])), chance.choice(sides)]}]}


def _flow(chance: random.Random) -> Step:
    return {chance.choice(["skip", "loops"]): "$v"}


def _name(chance: random.Random) -> Step:
    return {"name": "use $v", "validate": [{"eq": ["body", "no", "because of $v"]}]}


def _pause(chance: random.Random) -> Step:
    return {"think_time": "$v", "request": None}


def _setup(chance: random.Random) -> Step:
    call = chance.choice(["${give()}", "${f($v)}", "${change($request)}", "${f($request, $v)}"])
    return {"setup_hooks": [chance.choice([call, {"w": call}, {"request": call}])]}


def _teardown(chance: random.Random) -> Step:
    call = chance.choice(["${give()}", "${f($response)}", "${change($response)}", "${change($v)}"])
    hooks = [chance.choice([call, {"w": call}, {"response": call}])]
    return {"teardown_hooks": hooks, "extract": {"w": "body"}, "validate": [{"eq": ["body", "$v"]}]}


def _websocket(chance: random.Random) -> Step:
    url = chance.choice(["$v", "ws://127.0.0.1:1/$v"])
    return {"websocket": {"type": "open", "url": url, "headers": {"X": "$v"}}, "request": None}


_KINDS = (
    *(_request, _request, _request, _method, _function, _function, _extract, _extract),
    *(_check, _check, _flow, _name, _pause, _setup, _setup, _teardown, _teardown, _websocket),
)
