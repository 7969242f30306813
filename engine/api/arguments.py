"""Check the arguments of the Python API: an error says what is wrong and what to pass."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import isfinite
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from ..case.loader import Loaded
from ..case.model import Case
from ..errors import UsageError
from ..http.options import HttpOptions
from ..load.shape import ArrivalRate, Load, Ramp, Stage, Stages
from ..measure.thresholds import Threshold
from ..settings import RunSettings

# As in the flags of these names.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]")
_PROXY = re.compile(r"http://[^/]")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_CASES = 'pass load_cases(["shop.yml"]).cases'
_LOAD = "pass Load(Ramp(users=10), duration=30)"
_SHAPES = "pass Ramp(users), Stages(stages) or ArrivalRate(rate, max_users)"
_STAGES = "pass a tuple of Stage(duration, target)"
_SETTINGS = 'pass RunSettings(base_url="http://...", thresholds=["p(95)<300"])'
_THRESHOLDS = 'pass a list such as ["p(95)<300", "error_rate<1%"]'
_PLUGINS = "async with PluginPool() as pool: ... plugins=pool"


def check_arguments(cases: Any, load: Any, settings: Any, plugins: Any) -> None:
    """Raise UsageError for what is not an argument of a run."""
    _check_cases(cases)
    _check_load(load)
    if settings is not None:
        _check_settings(settings)
    if plugins is not None and not _are_plugins(plugins):
        raise _wrong("plugins", plugins, "an open PluginPool", _PLUGINS)


def check_names(name: Any, tags: Any) -> None:
    """Raise UsageError for a name or tags that cannot stand in a report."""
    if not isinstance(name, str | None):
        raise _wrong("name", name, "a text")
    is_map = isinstance(tags, Mapping)
    if not is_map or not all(isinstance(one, str) for pair in tags.items() for one in pair):
        raise _wrong("tags", tags, "texts by name", 'pass {"build": "17"}')


def path_of(name: str, value: Any) -> Path:
    """Return the path that an argument names; raises UsageError."""
    text = fspath(value) if isinstance(value, str | PathLike) else None
    if not isinstance(text, str) or not text or "\0" in text:
        raise _wrong(name, value, "a path", f'pass {name}="FILE"')
    return Path(text)


def _check_cases(cases: Any) -> None:
    if isinstance(cases, Loaded):
        raise UsageError("cases must be a list of cases, not all that was loaded", "pass .cases")
    if isinstance(cases, str | bytes) or not isinstance(cases, Sequence):
        raise _wrong("cases", cases, "a list of cases", _CASES)
    if not cases:
        raise UsageError("there are no cases to run", _CASES)
    for case in cases:
        if not isinstance(case, Case):
            raise _wrong("cases", case, "a list of cases", _CASES)


def _check_load(load: Any) -> None:
    if not isinstance(load, Load):
        raise _wrong("load", load, "a Load", _LOAD)
    _check_shape(load.shape)
    for name in ("duration", "max_requests", "max_iterations"):
        _check_number(name, getattr(load, name), above=0)
    for name in ("iterations", "loops"):
        _check_whole(name, getattr(load, name), least=1)
    for name in ("graceful_stop", "warmup"):
        _check_number(name, getattr(load, name), least=0, is_optional=False)
    _check_whole("seed", load.seed)
    if load.increase is not None:
        if not isinstance(load.increase, tuple) or len(load.increase) != 2:
            raise _wrong("increase", load.increase, "a pair", "pass (step, seconds)")
        for number in load.increase:
            _check_number("increase", number, above=0, is_optional=False)


def _check_shape(shape: Any) -> None:
    match shape:
        case Ramp():
            _check_whole("users", shape.users, least=1, is_optional=False)
            _check_number("spawn_rate", shape.spawn_rate, above=0)
        case Stages():
            _check_whole("start", shape.start, least=0, is_optional=False)
            _check_stages(shape.stages)
            if not shape.peak:
                raise UsageError("the stages have no users", "a stage must have a target above 0")
        case ArrivalRate():
            _check_whole("max_users", shape.max_users, least=1, is_optional=False)
            if shape.stages:
                _check_number("rate", shape.rate, least=0, is_optional=False)
                _check_stages(shape.stages)
            else:
                _check_number("rate", shape.rate, above=0, is_optional=False)
        case _:
            raise _wrong("shape", shape, "the shape of a load", _SHAPES)


def _check_stages(stages: Any) -> None:
    if not isinstance(stages, tuple) or not stages:
        raise _wrong("stages", stages, "stages", _STAGES)
    for stage in stages:
        if not isinstance(stage, Stage):
            raise _wrong("stages", stage, "stages", _STAGES)
        _check_number("the duration of a stage", stage.duration, least=0, is_optional=False)
        _check_number("the target of a stage", stage.target, least=0, is_optional=False)


def _check_settings(settings: Any) -> None:
    if not isinstance(settings, RunSettings):
        raise _wrong("settings", settings, "RunSettings", _SETTINGS)
    _check_text("base_url", settings.base_url, _URL, "a URL", 'pass "http://HOST:PORT"')
    _check_text("id_header", settings.id_header, _HEADER, "the name of a header")
    rules: Any = settings.thresholds
    if isinstance(rules, str) or not isinstance(rules, Sequence):
        raise _wrong("thresholds", rules, "a list of thresholds", _THRESHOLDS)
    for rule in rules:
        if not isinstance(rule, str | Threshold):
            raise _wrong("thresholds", rule, "a list of thresholds", _THRESHOLDS)
    _check_http(settings.http)


def _check_http(http: Any) -> None:
    if not isinstance(http, HttpOptions):
        raise _wrong("http", http, "HttpOptions", "pass HttpOptions(timeout=10)")
    _check_number("timeout", http.timeout, above=0, is_optional=False)
    for name in ("max_connections", "max_body", "max_redirects"):
        _check_whole(name, getattr(http, name), least=0, is_optional=False)
    _check_text("proxy", http.proxy, _PROXY, "a proxy", 'pass "http://HOST:PORT"')
    if http.unix_socket is not None:
        path_of("unix_socket", http.unix_socket)
    for name in ("cacert", "cert", "key"):
        value = getattr(http, name)
        if value is not None and not path_of(name, value).is_file():
            raise UsageError(f"{name}: there is no file {value}")


def _are_plugins(plugins: Any) -> bool:
    names = ("open", "snapshots")
    return not isinstance(plugins, type) and all(callable(getattr(plugins, n, None)) for n in names)


def _check_text(name: str, value: Any, form: re.Pattern[str], wanted: str, hint: str = "") -> None:
    if value is not None and not (isinstance(value, str) and form.match(value)):
        raise _wrong(name, value, wanted, hint)


def _check_number(
    name: str,
    value: Any,
    *,
    least: float | None = None,
    above: float | None = None,
    is_optional: bool = True,
) -> None:
    if value is None and is_optional:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise _wrong(name, value, "a number")
    if least is not None and value < least:
        raise UsageError(f"{name} must be {least:g} or more, not {value:g}")
    if above is not None and value <= above:
        raise UsageError(f"{name} must be above {above:g}, not {value:g}")


def _check_whole(
    name: str, value: Any, *, least: int | None = None, is_optional: bool = True
) -> None:
    _check_number(name, value, least=least, is_optional=is_optional)
    if value is not None and not isinstance(value, int):
        raise _wrong(name, value, "a whole number")


def _wrong(name: str, value: Any, wanted: str, hint: str = "") -> UsageError:
    return UsageError(f"{name} must be {wanted}, not {_shown(value)}", hint)


def _shown(value: Any) -> str:
    if isinstance(value, type):
        return f"the class {value.__name__}"
    text = repr(value)
    return f"{type(value).__name__} {text}" if len(text) <= 60 else type(value).__name__
