"""This module reads the `request` of a step or of an API file."""

from __future__ import annotations

import re
from typing import Any, Literal

from .checks import read_extract, read_hooks, read_validate
from .config import read_variables
from .fields import Fields, is_number, kind_of
from .hints import meant
from .model import Written

# A method may be any token (RFC 9110, 9.1); these are the usual ones, WebDAV's and those of caches.
_METHOD = re.compile(r"[A-Za-z0-9!#%&'*+.^_`|~-]+")
USUAL = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT")
_RARE = (
    *("ACL", "BASELINE-CONTROL", "BIND", "CHECKIN", "CHECKOUT", "COPY", "LABEL", "LINK", "LOCK"),
    *("MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE"),
    *("ORDERPATCH", "PROPFIND", "PROPPATCH", "QUERY", "REBIND", "REPORT", "SEARCH", "UNBIND"),
    *("UNCHECKOUT", "UNLINK", "UNLOCK", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL"),
    *("BAN", "LIST", "M-SEARCH", "NOTIFY", "PURGE", "REFRESH", "SUBSCRIBE", "TRACK"),
    "UNSUBSCRIBE",
)
METHODS = frozenset((*USUAL, *_RARE))
UNUSED = dict.fromkeys(("proxies", "auth", "stream", "cert", "files"), "use the command's flags")
UNUSED["auth"] = "send an Authorization header"
UNUSED["files"] = "use upload"
UNUSED["stream"] = "bodies are always read in full"

BodyKind = Literal["none", "body", "json", "data"]


def read_around(fields: Fields) -> dict[str, Any]:
    """Read what request, api and websocket steps have around their request."""
    return {
        **read_variables(fields),
        "setup_hooks": read_hooks(fields, "setup_hooks"),
        "teardown_hooks": read_hooks(fields, "teardown_hooks"),
        "extract": read_extract(fields),
        "validate": read_validate(fields),
    }


def read_request(fields: Fields, outer: Fields) -> dict[str, Any] | None:
    """Return the parts of a RequestStep that stand under `request`; None if it cannot be one.

    `outer` is the step or API: version 2 had `base_url` and `verify` there.
    """
    method, url = fields.written_text("method"), fields.written_text("url")
    kind, body = _body(fields)
    verify, outer_verify = fields.flag("verify"), outer.flag("verify")
    parts = {
        "base_url": _own_base(outer),
        "params": fields.values("params"),
        **_headers(fields),
        "cookies": fields.text_values("cookies"),
        "body_kind": kind,
        "body": body,
        "upload": fields.values("upload") if fields.take("upload") else None,
        "timeout": _timeout(fields),
        "allow_redirects": fields.flag("allow_redirects") is not False,
        "verify": outer_verify if verify is None else verify,
        "http2": fields.flag("http2") is True,
    }
    fields.ignore(UNUSED)
    fields.finish()
    if url is None:
        fields.problem("", "a request needs url")
    if method is None:
        fields.problem("", "a request needs method")
    else:
        _check_method(fields, str(method.value))
    return {"method": method, "url": url, **parts} if method and url else None


def _own_base(fields: Fields) -> Written | None:
    """Return the `base_url`; an empty one counts as none, as in version 2."""
    base = fields.written_text("base_url")
    return base if base is not None and base.value.strip() else None


def _headers(fields: Fields) -> dict[str, Any]:
    """Return `headers`, or the expression that gives a map of them."""
    node = fields.take("headers")
    if node is not None and isinstance(node.value, str) and "$" in node.value:
        return {"headers": {}, "headers_from": fields.written("headers")}
    return {"headers": fields.text_values("headers"), "headers_from": None}


def _check_method(fields: Fields, method: str) -> None:
    if "$" in method or method.upper() in METHODS:
        return
    if not _METHOD.fullmatch(method):
        fields.problem("method", f"{method!r} is not an HTTP method")
    elif near := meant(method, USUAL):
        fields.problem("method", f"unknown method {method!r}", near)
    else:
        fields.warn("method", f"unknown method {method!r}", "it is sent as it is")


def _body(fields: Fields) -> tuple[BodyKind, Written | None]:
    """Return the body by rank: `body`, then `json`, then `data`; the others are told."""
    kinds: tuple[BodyKind, ...] = ("body", "json", "data")
    written = {kind: fields.written(kind) for kind in kinds}
    given = [kind for kind in kinds if written[kind] is not None]
    if not given:
        return "none", None
    for kind in given[1:]:
        fields.warn(kind, f"{kind} is not sent", f"{given[0]} is given too")
    return given[0], written[given[0]]


def _timeout(fields: Fields) -> float | None:
    """Return seconds for the whole attempt; a pair [connect, read] counts as its sum."""
    node = fields.take("timeout")
    if node is None or not isinstance(node.value, list):
        return fields.number("timeout", low=0)
    numbers = [part.value for part in node.value]
    if len(numbers) == 2 and all(is_number(number) and number > 0 for number in numbers):
        return float(sum(numbers))
    fields.problem("timeout", f"must be seconds or [connect, read], not {kind_of(node)}")
    return None
