"""This module reads the `config` part of a case file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

from .fields import LARGEST, Fields, kind_of
from .model import Config, ParameterGroup, ThinkTimeRule, Written
from .nodes import Node
from .older import modern_config
from .parameters import check_groups

UNUSED = {
    "path": "it is the file's own path",
    "plugin": "the plugin is the debugtalk.py of the project folder",
    "websocket": "reconnection is not supported",
    "ios": "UI steps are not supported",
    "android": "UI steps are not supported",
    "harmony": "UI steps are not supported",
    "browser": "UI steps are not supported",
    # HttpRunner 1 and 2 had these; versions 3 and 4 do not.
    "setup_hooks": "write it to the first step",
    "teardown_hooks": "write it to the last step",
    "request": "write base_url and headers into the config",
    **dict.fromkeys(("requires", "import_module_items"), "import it in debugtalk.py"),
    "function_binds": "write a function in debugtalk.py",
}
# Versions 1 and 2 named a case by these; they say nothing about a run.
LABELS = {"id", "def"}
STRATEGIES = ("default", "random_percentage", "multiply", "ignore")
ORDERS = ("sequential", "random", "unique")
_Order = Literal["sequential", "random", "unique"]


def read_config(fields: Fields, default_name: str, environment: Mapping[str, str]) -> Config:
    """Read the config; what is wrong is noted in the fields' notes."""
    fields = modern_config(fields)
    name = fields.written_text("name") or Written(default_name, fields.place())
    timeout = fields.number("request_timeout", low=0)
    older_timeout = fields.number("timeout", low=0)
    config = Config(
        name=name,
        place=fields.place(),
        base_url=fields.written_text("base_url"),
        headers=fields.text_values("headers"),
        **read_variables(fields),
        environs=_environs(fields, environment),
        parameters=_parameters(fields),
        parameters_limit=_limit(fields),
        parameters_per=_per(fields),
        think_time=_think_time(fields.inner("think_time")),
        request_timeout=timeout if timeout is not None else older_timeout,
        case_timeout=fields.number("case_timeout", low=0),
        verify=fields.flag("verify"),
        weight=fields.whole("weight", low=0),
        export=read_export(fields),
    )
    fields.ignore(UNUSED)
    fields.known |= LABELS
    fields.finish()
    return config


def read_variables(fields: Fields) -> dict[str, Any]:
    """Return `variables`, a map or the older list of maps, or the expression that gives one."""
    key = fields.first_of("variables", "variable_binds")  # the latter of version 1
    node = fields.take(key)
    if node is not None and isinstance(node.value, str) and "$" in node.value:
        return {"variables": {}, "variables_from": fields.written(key)}
    return {"variables": fields.values(key), "variables_from": None}


def read_export(fields: Fields) -> tuple[str, ...]:
    """Return the names under `export`, which was `output` in version 2."""
    return (*fields.texts("export"), *fields.texts("output"))


def _environs(fields: Fields, environment: Mapping[str, str]) -> dict[str, Any]:
    own = {name: written.value for name, written in fields.text_values("environs").items()}
    for name in (name for name, value in own.items() if "$" in value):
        fields.warn(f"environs.{name}", "environs hold plain text", "put expressions in variables")
    merged = own | dict(environment)
    # An empty base_url in the environment does not hide the one of the config.
    return {name: value for name, value in merged.items() if value or name != "base_url"}


def _parameters(fields: Fields) -> tuple[ParameterGroup, ...]:
    node = fields.take("parameters")
    if node is not None and not isinstance(node.value, dict | list):
        hint = "name the values, for example user-password: ${rows()}"
        fields.problem("parameters", f"must be a map, not {kind_of(node)}", hint)
        node = None
    orders = _pick_orders(fields)
    groups = tuple(
        ParameterGroup(
            names=tuple(name.strip() for name in key.split("-")),
            rows=Written(value.plain(), fields.place(f"parameters.{key}", value.line)),
            pick_order=orders.get(key, orders[""]),
        )
        for key, value in fields.pairs(node, "parameters")
    )
    check_groups(groups, fields.notes)
    return groups


def _pick_orders(fields: Fields) -> dict[str, _Order]:
    """Return the order of each group by its key; the empty key holds the order of the rest."""
    setting = fields.inner("parameters_setting")
    if setting is None:
        return {"": "sequential"}
    orders = {"": _order(setting, "sequential")}
    for key, node in setting.pairs(setting.take("strategies"), "strategies"):
        one = setting.sub(Node({"pick_order": node}, node.line), f"strategies.{key}")
        strategy = setting.sub(node, f"strategies.{key}") if isinstance(node.value, dict) else one
        orders[key] = _order(strategy, orders[""])
    setting.ignore(dict.fromkeys(("strategy", "parameterIterator"), "use pick_order"))
    setting.take("limit")
    setting.take("per")
    setting.finish()
    return orders


def _order(fields: Fields, default: _Order) -> _Order:
    """Return the pick order; an unknown one counts as sequential, as HttpRunner has it."""
    word = fields.text("pick_order") or default
    if word not in ORDERS:
        fields.warn(
            "pick_order", f"unknown {word!r} counts as sequential", f"one of {', '.join(ORDERS)}"
        )
        return "sequential"
    return cast(_Order, word)


def _limit(fields: Fields) -> int:
    setting = fields.entries.get("parameters_setting")
    if setting is None or not isinstance(setting.value, dict):
        return 0
    inner = fields.sub(setting, "parameters_setting")
    limit = inner.whole("limit") or 0
    if limit < 0:
        inner.warn("limit", f"a limit of {limit} counts as none")
    return max(limit, 0)


def _per(fields: Fields) -> Literal["iteration", "user"]:
    setting = fields.entries.get("parameters_setting")
    if setting is None or not isinstance(setting.value, dict):
        return "iteration"
    inner = fields.sub(setting, "parameters_setting")
    word = inner.text("per") or "iteration"
    if word not in ("iteration", "user"):
        inner.problem("per", f"unknown {word!r}", "iteration or user")
    return "user" if word == "user" else "iteration"


def _think_time(fields: Fields | None) -> ThinkTimeRule:
    if fields is None:
        return ThinkTimeRule()
    word = fields.text("strategy") or "default"
    if word not in STRATEGIES:
        fields.warn(
            "strategy", f"unknown {word!r} counts as default", f"one of {', '.join(STRATEGIES)}"
        )
    limit = fields.number("limit")
    rule = ThinkTimeRule(limit=limit if limit is not None and limit > 0 else None)
    if word == "random_percentage":
        rule = _random_rule(fields.inner("setting"), rule.limit)
    elif word == "multiply":
        rule = ThinkTimeRule("multiply", factor=_factor(fields), limit=rule.limit)
    elif word == "ignore":
        rule = ThinkTimeRule("ignore", limit=rule.limit)
    fields.take("setting")
    fields.finish()
    return rule


def _random_rule(setting: Fields | None, limit: float | None) -> ThinkTimeRule:
    low = setting.number("min_percentage", low=0) if setting else None
    high = setting.number("max_percentage", low=0) if setting else None
    if setting:
        setting.finish()
    return ThinkTimeRule(
        "random_percentage",
        low=0.5 if low is None else low,
        high=1.5 if high is None else high,
        limit=limit,
    )


def _factor(fields: Fields) -> float:
    node = fields.take("setting")
    try:
        factor = float(node.text) if node else 1.0
    except ValueError:
        factor = 0.0
    if 0 < factor < LARGEST:
        return factor
    fields.warn("setting", "not a number above 0: counts as 1")
    return 1.0
