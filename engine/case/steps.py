"""This module reads the steps of a case file, by kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set
from typing import Any, Protocol, cast, get_args

from .config import read_export, read_variables
from .fields import Fields, is_number, kind_of
from .merging import merged
from .model import (
    Case,
    Once,
    ReferenceStep,
    RendezvousStep,
    RequestStep,
    Step,
    ThinkTimeStep,
    TransactionStep,
    WebSocketStep,
    Written,
)
from .older import REPLACED, Form
from .requests import read_around, read_request
from .source import SCHEMA_KEY

KINDS = ("api", "testcase", "think_time", "request", "transaction", "rendezvous", "websocket")
# The kinds of steps that may be `once`: they send something.
SENDING = ("request", "api", "testcase", "websocket")
_REFUSED = {
    **dict.fromkeys(("ios", "android", "harmony", "browser"), "UI steps are not supported"),
    **dict.fromkeys(("shell", "function"), "call a function of debugtalk.py in a hook instead"),
    **dict.fromkeys(("thrift", "sql"), "only HTTP and WebSocket requests are supported"),
}
UNUSED = {
    "retry_times": "a failed step is never sent again",
    "retry_interval": "a failed step is never sent again",
    "weight": "it belongs to the config of a case",
    "validate_script": "write a function in debugtalk.py and use it as an assertion",
}
UNUSED_IN_API = {"once": "write it on the step that uses the API"}
UNUSED_AROUND_CASE = {
    "extract": "use export to take variables of the case",
    **dict.fromkeys(("setup_hooks", "teardown_hooks", "validate"), "the case has steps for that"),
}
_WITH_UNIT = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(ms|s|m|h)", re.ASCII | re.IGNORECASE)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
ACTIONS = ("open", "ping", "w", "r", "wr", "close")
ONCE: tuple[Once, ...] = get_args(Once)
_AROUND = ("variables", "setup_hooks", "teardown_hooks", "extract", "validate")


class References(Protocol):
    """Finds what a step refers to; notes a problem and returns None if it cannot."""

    @property
    def given(self) -> frozenset[str]: ...
    @property
    def form(self) -> Form: ...
    def case(self, fields: Fields) -> Case | None: ...
    def api(self, fields: Fields) -> tuple[Fields, str] | None: ...
    def arguments(self, fields: Fields, key: str) -> dict[str, Written]: ...


def read_step(fields: Fields, references: References) -> Step | None:
    """Read one step; None if it cannot be one, which is noted."""
    for key, why in _REFUSED.items():
        if fields.has(key):
            fields.problem(key, f"{key} steps cannot be run", why)
            return None
    given = [kind for kind in KINDS if fields.has(kind)]
    if not given:
        fields.known |= {"name", "loops", "skip", "skip_unless", "once", *_AROUND, *UNUSED}
        fields.finish(KINDS)
        fields.problem("", "the step does nothing", f"give it one of {', '.join(KINDS)}")
        return None
    _tell_several(fields, given)
    common = {
        "name": fields.written_text("name") or Written("", fields.place()),
        "place": fields.place(),
        "loops": _number(fields, "loops") if fields.take("loops") else None,
        "skip": fields.written("skip"),
        "skip_unless": fields.written("skip_unless"),
        "once": _once(fields, given[0]),
    }
    step = _READERS[given[0]](fields, common, references)
    fields.known.update(given)
    fields.ignore({**UNUSED, **REPLACED})
    fields.finish((*KINDS, *_AROUND))
    return step


def _once(fields: Fields, kind: str) -> Once | None:
    """Read when a step runs once; None if it runs in each iteration."""
    if fields.take("once") is None:
        return None
    if kind not in SENDING:
        hint = f"write it on a step with {', '.join(SENDING[:-1])} or {SENDING[-1]}"
        fields.problem("once", f"a {kind} step cannot be once", hint)
    return cast(Once | None, fields.choice("once", ONCE, "") or None)


def _tell_several(fields: Fields, given: list[str]) -> None:
    if given == ["api", "request"]:
        fields.warn("request", "request has no effect", "the API's request is sent")
    elif len(given) > 1:
        fields.problem(given[1], f"{' and '.join(given)} in one step", "write two steps")


def _request(fields: Fields, common: dict[str, Any], references: References) -> Step | None:
    inner = fields.inner("request")
    around = read_around(fields)
    read_export(fields)
    request = read_request(inner, fields) if inner else None
    if inner is None:
        beside = [key for key in ("method", "url") if fields.has(key)]
        hint = f"indent {beside[0]} and all that belongs to the request" if beside else ""
        fields.known.update(beside)
        fields.problem("request", "a request needs method and url", hint)
    return RequestStep(**common, **around, **request) if request else None


def _api(fields: Fields, common: dict[str, Any], references: References) -> Step | None:
    """Merge the step over its API: the API's request, the step's variables and names first."""
    own = read_around(fields)
    base_url = fields.written_text("base_url")
    own["variables"] |= references.arguments(fields, "api")
    read_export(fields)
    found = references.api(fields)
    if found is None:
        return None
    api, default_name = found
    inner = api.inner("request")
    request = read_request(inner, api) if inner else None
    around = read_around(api)
    name = api.written_text("name") or Written(default_name, api.place())
    read_export(api)
    api.ignore(UNUSED_IN_API)
    api.known.add(SCHEMA_KEY)
    api.finish()
    if inner is None:
        api.problem("", "an API needs request")
    _tell_variables_twice(fields, own, around)
    if request is None:
        return None
    request["base_url"] = request["base_url"] or base_url
    named = common if common["name"].value else {**common, "name": name}
    both = merged(own, around, keeps_own_names=references.form == "list")
    return RequestStep(origin="api", **named, **both, **request)


def _tell_variables_twice(fields: Fields, own: Mapping[str, Any], api: Mapping[str, Any]) -> None:
    """Refuse a map that is only known at run time over other variables: which win is not clear."""
    if own["variables_from"] and (api["variables"] or api["variables_from"]):
        hint = "give each variable its own expression"
        fields.problem("variables", "must be a map: the API has variables, too", hint)


def _testcase(fields: Fields, common: dict[str, Any], references: References) -> Step | None:
    variables = read_variables(fields)
    variables["variables"] |= references.arguments(fields, "testcase")
    export = read_export(fields)
    fields.ignore(UNUSED_AROUND_CASE)
    case = references.case(fields)
    if case is None:
        return None
    _tell_idle_parameters(fields, case, references.given | variables["variables"].keys())
    names = tuple(dict.fromkeys((*export, *case.config.export)))
    if not common["name"].value:
        common = {**common, "name": case.config.name}
    return ReferenceStep(**common, **variables, case=case, export=names)


def _tell_idle_parameters(fields: Fields, case: Case, given: Set[str]) -> None:
    """Warn of parameters that get no value: only the case that is run goes through its rows."""
    names = [name for group in case.config.parameters for name in group.names]
    missing = [name for name in names if name not in given | case.config.variables.keys()]
    if missing:
        what = f"the rows of its parameters are not used: {', '.join(missing)}"
        hint = "give a value under variables of this step, or rows under parameters of this file"
        fields.warn("testcase", what, hint)


def _think_time(fields: Fields, common: dict[str, Any], references: References) -> Step | None:
    node = fields.take("think_time")
    if node is None or isinstance(node.value, list):
        fields.problem("think_time", "a pause needs seconds", "think_time: {time: 2}")
        return None
    inner = fields.sub(node, "think_time") if isinstance(node.value, dict) else None
    time = _number(inner or fields, "time" if inner else "think_time")
    if inner is not None:
        if not inner.has("time"):
            inner.problem("", "a pause needs time")
        inner.finish()
    written = time or Written(0, fields.place("think_time"))
    return ThinkTimeStep(**common, **read_variables(fields), time=written)


def _number(fields: Fields, key: str) -> Written | None:
    """Read a number or an expression, which shows only at run time what it gives."""
    written = fields.written(key)
    value = written.value if written is not None else 0
    if isinstance(value, str) and "$" not in value:
        value = _float_of(value)
    if not isinstance(value, str) and not is_number(value):
        node = fields.entries[key]
        fields.problem(key, f"must be a number, not {kind_of(node)}", _number_hint(node.text))
    return written


def _float_of(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _number_hint(text: str) -> str:
    """Suggest the number in front of a unit: `1s`, `500ms`."""
    match = _WITH_UNIT.fullmatch(text.strip())
    if match is None:
        return ""
    seconds = float(match[1]) * _UNITS[match[2].lower()]
    return f"write {seconds:g}: it is in seconds"


def _transaction(fields: Fields, common: dict[str, Any], references: References) -> Step | None:
    variables, inner = read_variables(fields), fields.inner_or_empty("transaction")
    name, edge = inner.text("name"), inner.choice("type", ("start", "end"), "")
    inner.finish()
    if not name:
        inner.problem("", "a transaction needs name")
    if not common["name"].value:
        title = Written(f"transaction {name} {edge}", fields.place())
        common = {**common, "name": title}
    if not name or edge not in ("start", "end"):
        return None
    return TransactionStep(**common, **variables, transaction=name, edge=edge)  # type: ignore[arg-type]


def _rendezvous(fields: Fields, common: dict[str, Any], references: References) -> Step | None:
    variables, inner = read_variables(fields), fields.inner_or_empty("rendezvous")
    name = inner.text("name")
    number, percent = inner.whole("number"), inner.number("percent")
    timeout = inner.number("timeout")
    inner.finish()
    if not name:
        inner.problem("", "a rendezvous needs name")
        return None
    if number and percent:
        inner.warn("percent", "number and percent cancel each other", "all users are waited for")
    seconds = timeout / 1000 if timeout is not None and timeout > 0 else 5.0
    return RendezvousStep(
        **common, **variables, rendezvous=name, number=number, percent=percent, timeout=seconds
    )


def _websocket(fields: Fields, common: dict[str, Any], references: References) -> Step | None:
    around = read_around(fields)
    inner = fields.inner_or_empty("websocket")
    action = inner.choice("type", ACTIONS, "")
    timeout, status = inner.number("timeout"), inner.whole("close_status")
    parts: dict[str, Any] = {
        "action": action,
        "url": inner.written_text("url") or Written("", inner.place()),
        "params": inner.values("params"),
        "headers": inner.text_values("headers"),
        "text": inner.written("text"),
        "binary": inner.written("binary"),
        "timeout": timeout / 1000 if timeout is not None and timeout > 0 else 30.0,
        "close_status": status if status is not None and 1000 <= status <= 4999 else 1000,
        "new_connection": bool(inner.flag("new_connection")),
    }
    inner.finish()
    return WebSocketStep(**common, **around, **parts) if action else None


_READERS: Mapping[str, Callable[[Fields, dict[str, Any], References], Step | None]] = {
    "api": _api,
    "testcase": _testcase,
    "think_time": _think_time,
    "request": _request,
    "transaction": _transaction,
    "rendezvous": _rendezvous,
    "websocket": _websocket,
}
