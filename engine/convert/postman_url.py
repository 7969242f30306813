"""Build the URL of a Postman request from its text or its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..case.nodes import SourceError
from .postman_names import Names, variable_name

_PATH_VARIABLE = re.compile(r"(?<=/):([A-Za-z_][\w-]*)(?=[/?#]|$)")
_LEADING = re.compile(r"\{\{([^{}]+)\}\}")
_HOST = re.compile(r"\A([^/?#]*?://)?([^/?#]*)")
_ABSOLUTE = re.compile(r"\A[^/?#]*://")
_LOCAL = "127.0.0.1"
# In a case, this variable is the base of all relative URLs.
BASE = "base_url"


def url_of(url: Any, names: Names) -> str:
    """Return the URL with `${name}` for its variables; raises SourceError if there is none."""
    raw = url if isinstance(url, str) else _whole(url or {})
    if not raw.strip():
        raise SourceError(0, "the request has no URL")
    values = {} if isinstance(url, str) else _path_values(url or {})
    raw = _PATH_VARIABLE.sub(lambda match: _path_value(match, values, names), raw.strip())
    raw = _with_scheme(_with_base(raw, names), names)
    _give_hosts(raw, names)
    return names.text(raw)


def base_of(names: Names) -> str:
    """Return the value of the variable that a case takes as its base; empty if there is none."""
    value = next((v for name, v in names.values.items() if variable_name(name) == BASE), "")
    if not value:
        is_used = any(variable_name(name) == BASE for name in (*names.used, *names.stand_ins))
        return f"http://{_LOCAL}" if is_used else ""
    return names.text(_with_scheme(value, names).rstrip("/"))


def _whole(url: Mapping[str, Any]) -> str:
    """Return the text of a URL; some exports have its parts only."""
    query = "&".join(_query(url))
    if raw := url.get("raw"):
        return f"{raw}?{query}" if query and "?" not in raw else str(raw)
    host, path = url.get("host") or "", url.get("path") or ""
    host = ".".join(map(str, host)) if isinstance(host, list) else str(host)
    path = "/".join(map(_segment, path)) if isinstance(path, list) else str(path)
    scheme = f"{url['protocol']}://" if url.get("protocol") else ""
    port = f":{url['port']}" if url.get("port") else ""
    path = f"/{path.removeprefix('/')}" if path else ""
    # Converters of API documents leave the host to the user's environment.
    return f"{scheme}{host or '{{baseUrl}}'}{port}{path}{f'?{query}' if query else ''}"


def _segment(part: Any) -> str:
    return str(part.get("value") or "") if isinstance(part, Mapping) else str(part)


def _query(url: Mapping[str, Any]) -> Iterator[str]:
    for one in url.get("query") or ():
        if isinstance(one, Mapping) and not one.get("disabled") and one.get("key") is not None:
            value = one.get("value")
            yield str(one["key"]) if value is None else f"{one['key']}={value}"


def _path_values(url: Mapping[str, Any]) -> dict[str, str]:
    variables = [one for one in url.get("variable") or () if isinstance(one, Mapping)]
    return {
        str(one.get("key") or one.get("id") or one.get("name")): str(one.get("value") or "")
        for one in variables
    }


def _path_value(match: re.Match[str], values: Mapping[str, str], names: Names) -> str:
    if value := values.get(match[1]):
        return value
    names.notes.add(f"the path variable :{match[1]} has no value", "write one into the URL")
    return match[0]


def _with_scheme(raw: str, names: Names) -> str:
    """Return the URL with `http://`, as Postman sends one that has no scheme."""
    leading = _LEADING.match(raw)
    if leading is None:
        return raw if _ABSOLUTE.match(raw) else f"http://{raw.removeprefix('//')}"
    name, rest = leading[1].strip(), raw[leading.end() :]
    if rest.startswith("://"):
        names.stand_in(name, "http")
        return raw
    value = names.known(leading[0])
    is_host = rest.startswith(":") or bool(value and not _ABSOLUTE.match(value))
    names.stand_in(name, _LOCAL if is_host else f"http://{_LOCAL}")
    return f"http://{raw}" if is_host else raw


def _with_base(raw: str, names: Names) -> str:
    """Return the URL with the value of the variable `base_url`, which becomes the config's."""
    leading = _LEADING.match(raw)
    if leading is None or variable_name(leading[1]) != BASE:
        return raw
    name = leading[1].strip()
    names.stand_in(name, f"http://{_LOCAL}")
    value = names.values.get(name) or names.stand_ins[name]
    return _with_scheme(value, names).rstrip("/") + raw[leading.end() :]


def _give_hosts(raw: str, names: Names) -> None:
    """Give variables of the host that have no value one, since no case has an empty host."""
    host = _HOST.match(raw)
    if host is None or not host[1]:
        return
    for match in _LEADING.finditer(host[2]):
        is_port = host[2][: match.start()].endswith(":")
        names.stand_in(match[1].strip(), "80" if is_port else _LOCAL)
