"""Turn drafts into the maps of a case file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from yarl import URL

from ..case.nodes import SourceError
from ..http.address import basic
from ..output.secret_names import is_secret
from ..request.body import JSON_TYPE, pairs_of
from .base import common_base, relative
from .bodies import grouped
from .draft import Draft, DraftCase, Expression, Form, Json, Pairs, Text, Upload
from .literal import literal_tree
from .notes import Notes
from .secrets import Secrets
from .uploads import Files, upload_of
from .yaml_text import Inline

# Headers of one connection or message (RFC 9110, 7.6.1). boomtalk sends its own.
_OWN_HEADERS = {"accept-encoding", "connection", "content-length", "keep-alive", "te", "trailer"}
_OWN_HEADERS |= {"proxy-connection", "transfer-encoding"}
# Values of RFC 6265, 4.1.1. A map of cookies might quote others, so their header stays whole.
_COOKIE_VALUE = re.compile(r'[^\s",;\\]*')
# A user name that contains a variable stays in the URL, because its value is not in the file.
_USER = re.compile(r"\A([^/?#]*://)([^/?#@:$]*)(?::([^/?#$]*))?@")
# Shorter gaps are the browser's own work, not the time of a person.
_SHORTEST_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class CaseParts:
    """The things that are collected while cases are written: secrets, files, and notes."""

    secrets: Secrets
    files: Files
    notes: Notes


def case_tree(case: DraftCase, parts: CaseParts) -> dict[str, Any]:
    """Return the content of a case file; secrets, files and notes are added to `parts`."""
    drafts = [_without_user(draft) for draft in case.requests]
    base = _USER.sub(r"\1", case.base_url) or common_base(draft.url for draft in drafts)
    steps = [step for draft in drafts for step in _steps(draft, base, parts)]
    shared = _shared_headers([step["request"] for step in steps if "request" in step])
    config = {
        "name": literal_tree(case.name),
        "base_url": literal_tree(base),
        "headers": shared,
        "variables": literal_tree(case.variables),
    }
    return {"config": _without_empty(config), "teststeps": steps}


def _without_user(draft: Draft) -> Draft:
    """Return the draft with the user of its URL in a header, which leaves the case as a secret."""
    if (found := _USER.match(draft.url)) is None:
        return draft
    kind = Expression if isinstance(draft.url, Expression) else str
    url, headers = kind(_USER.sub(r"\1", draft.url)), draft.headers
    if not any(name.lower() == "authorization" for name, _ in headers):
        headers = [*headers, ("Authorization", basic(found[2], found[3] or ""))]
    return replace(draft, url=url, headers=headers)


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
    """Return URL and parameters separately, if that sends exactly the same URL."""
    path, _, query = url.partition("?")
    params = grouped(parse_qsl(query, keep_blank_values=True))
    if isinstance(url, Expression) or not _is_same_query(params, query):
        return {"url": literal_tree(url)}
    return {"url": literal_tree(path or "/"), "params": _values(params)}


def _is_same_query(params: Mapping[str, Any], query: str) -> bool:
    pairs = list(pairs_of(params))
    return bool(pairs) and URL("http://host/").extend_query(pairs).raw_query_string == query


def _values(pairs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the pairs with literal values; names are never expressions."""
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
    """Return whether the body sets this content type itself."""
    if name.lower() != "content-type":
        return False
    return isinstance(draft.body, Upload) or (isinstance(draft.body, Json) and value == JSON_TYPE)


def _listed(before: str | None, value: str) -> str:
    return value if before is None else type(value)(f"{before}, {value}")


def _cookies(line: str) -> Pairs:
    """Return the cookies of a header, or none if a map cannot represent them exactly."""
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
    """Remove the headers that are the same in all requests from them, and return these."""
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
