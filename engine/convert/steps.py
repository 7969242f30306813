"""Drafts become the maps that a case file holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from yarl import URL

from ..case.nodes import SourceError
from ..request.body import JSON_TYPE, pairs_of
from .base import common_base, relative
from .bodies import grouped
from .draft import Draft, DraftCase, Expression, Form, Json, Pairs, Text, Upload
from .literal import literal_tree
from .notes import Notes
from .secrets import Secrets, is_secret
from .uploads import Files, upload_of
from .yaml_text import Inline

# Each request makes these anew; a written one would be wrong, or mean another connection.
_OWN_HEADERS = {"accept-encoding", "connection", "content-length", "keep-alive", "te", "trailer"}
_OWN_HEADERS |= {"proxy-connection", "transfer-encoding"}
# RFC 6265, 4.1.1; other values may be quoted on their way.
_COOKIE_VALUE = re.compile(r'[^\s",;\\]*')
_SHORTEST_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class CaseParts:
    """What leaves the cases while they are written: secrets, files, and notes to the user."""

    secrets: Secrets
    files: Files
    notes: Notes


def case_tree(case: DraftCase, parts: CaseParts) -> dict[str, Any]:
    """Return what a case file holds; what it refers to is kept in `parts`."""
    base = case.base_url or common_base(draft.url for draft in case.requests)
    steps = [step for draft in case.requests for step in _steps(draft, base, parts)]
    shared = _shared_headers([step["request"] for step in steps if "request" in step])
    config = {
        "name": literal_tree(case.name),
        "base_url": literal_tree(base),
        "headers": shared,
        "variables": literal_tree(case.variables),
    }
    return {"config": _without_empty(config), "teststeps": steps}


def _steps(draft: Draft, base: str, parts: CaseParts) -> Iterator[dict[str, Any]]:
    if draft.pause >= _SHORTEST_PAUSE:
        yield {"name": "think", "think_time": {"time": round(draft.pause, 2)}}
    yield {
        "name": literal_tree(draft.name),
        "request": _request(draft, base, parts),
        "validate": [_check(draft.status)],
    }


def _check(status: int | None) -> dict[str, Any]:
    if status is None:
        return {"lt": Inline(["status_code", 400])}
    return {"eq": Inline(["status_code", status])}


def _request(draft: Draft, base: str, parts: CaseParts) -> dict[str, Any]:
    if not re.fullmatch("[A-Za-z]+", draft.method):
        raise SourceError(0, f"{draft.method!r} is not an HTTP method")
    headers, cookies = _headers(draft, parts.secrets)
    request = {
        "method": draft.method.upper(),
        **_target(relative(draft.url.partition("#")[0], base)),
        "headers": headers,
        "cookies": cookies,
        **_body(draft, parts),
    }
    return {
        **_without_empty(request),
        **({"timeout": draft.timeout} if draft.timeout else {}),
        **({} if draft.follow else {"allow_redirects": False}),
        **({} if draft.verify else {"verify": False}),
    }


def _without_empty(tree: Mapping[str, Any]) -> dict[str, Any]:
    bodies = ("data", "json")
    return {key: value for key, value in tree.items() if key in bodies or value not in ("", {})}


def _target(url: str) -> dict[str, Any]:
    """Return URL and parameters apart where they are sent as the URL has them."""
    path, _, query = url.partition("?")
    params = grouped(parse_qsl(query, keep_blank_values=True))
    if isinstance(url, Expression) or not _is_same_query(params, query):
        return {"url": literal_tree(url)}
    return {"url": literal_tree(path or "/"), "params": _values(params)}


def _is_same_query(params: Mapping[str, Any], query: str) -> bool:
    pairs = list(pairs_of(params))
    return bool(pairs) and URL("http://host/").extend_query(pairs).raw_query_string == query


def _values(pairs: Mapping[str, Any]) -> dict[str, Any]:
    """Write the values; the names of parameters, headers and fields are no expressions."""
    return {name: literal_tree(value) for name, value in pairs.items()}


def _headers(draft: Draft, secrets: Secrets) -> tuple[dict[str, Any], dict[str, Any]]:
    found: dict[str, str] = {}
    cookies: dict[str, Any] = {}
    for name, value in draft.headers:
        if name.lower() in _OWN_HEADERS or name.startswith(":") or _is_made(name, value, draft):
            continue
        if name.lower() == "cookie" and (pairs := _cookies(value)):
            cookies |= {one: secrets.reference(f"COOKIE_{one}", text) for one, text in pairs}
            continue
        value = secrets.reference(name, value) if value and is_secret(name) else value
        found[name] = _listed(found.get(name), value)
    return _values(found), _values(cookies)


def _is_made(name: str, value: str, draft: Draft) -> bool:
    """Whether the body brings this content type with it."""
    if name.lower() != "content-type":
        return False
    return isinstance(draft.body, Upload) or (isinstance(draft.body, Json) and value == JSON_TYPE)


def _listed(before: str | None, value: str) -> str:
    return value if before is None else type(value)(f"{before}, {value}")


def _cookies(line: str) -> Pairs:
    """Return the cookies of a header; none where a map could not hold them."""
    pieces = [piece.strip().partition("=") for piece in line.split(";") if piece.strip()]
    names = {name for name, mark, _ in pieces if mark}
    is_plain = all(_COOKIE_VALUE.fullmatch(value) for _, _, value in pieces)
    if len(names) != len(pieces) or not is_plain or isinstance(line, Expression):
        return ()
    return [(name, value) for name, _, value in pieces]


def _body(draft: Draft, parts: CaseParts) -> dict[str, Any]:
    match draft.body:
        case Text(text):
            return {"data": literal_tree(text)}
        case Json(value):
            return {"json": literal_tree(value)}
        case Form(pairs):
            return {"data": literal_tree(grouped(pairs))}
        case Upload(fields):
            return {"upload": _values(upload_of(fields, parts.files, parts.notes, draft.name))}
    return {}


def _shared_headers(requests: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Take out and return the headers that all of several requests have alike."""
    every = [request.get("headers", {}) for request in requests]
    if len(every) < 2:
        return {}
    shared = {
        name: value
        for name, value in every[0].items()
        if name.lower() != "content-type" and all(one.get(name) == value for one in every)
    }
    for request, headers in zip(requests, every, strict=True):
        kept = {name: value for name, value in headers.items() if name not in shared}
        request.update(headers=kept)
        if not kept:
            del request["headers"]
    return shared
