"""Turn drafts into the maps of a case file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from msgspec import Struct
from msgspec.structs import replace
from yarl import URL

from ..case.nodes import DEEPEST, SourceError
from ..case.requests import METHODS
from ..http.address import basic, without_user
from ..output.secret_names import is_secret
from ..request.body import JSON_TYPE, pairs_of
from ..request.url import as_written
from .base import common_base, relative
from .bodies import grouped
from .damage import DAMAGE, reason
from .draft import Check, Draft, DraftCase, Expression, Form, Json, Pairs, Text, Upload
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
# A token (RFC 9110, 9.1), without the characters that an expression would read.
_METHOD = re.compile(r"[A-Za-z0-9!#%&*+.^_~-]+")
# The limit of case files counts the levels around a step, too.
_DEEPEST = DEEPEST - 10
# Shorter gaps are the browser's own work, not the time of a person.
_SHORTEST_PAUSE = 0.05


class CaseParts(Struct, frozen=True):
    """The things that are collected while cases are written: secrets, files, and notes."""

    secrets: Secrets
    files: Files
    notes: Notes


def case_tree(case: DraftCase, parts: CaseParts) -> dict[str, Any]:
    """Return the content of a case file; secrets, files and notes are added to `parts`.

    It is empty if no request of the case can be written.
    """
    drafts = [_without_user(draft) for draft in case.requests]
    base = _base(case.base_url) or common_base(draft.url for draft in drafts)
    written = [(draft, _written(draft, base, parts)) for draft in drafts]
    steps = [step for _, inner in written for step in inner]
    if not steps:
        return {}
    lost = {name: "" for draft, inner in written if not inner for name in draft.extract}
    shared = _shared_headers([step["request"] for step in steps if "request" in step])
    config = {
        "name": literal_tree(case.name),
        "base_url": literal_tree(base),
        "headers": shared,
        "variables": literal_tree({**lost, **case.variables}),
    }
    _refuse_unwritable(config)
    return {"config": _without_empty(config), "teststeps": steps}


def _base(url: str) -> str:
    return url if isinstance(url, Expression) else _USER.sub(r"\1", url)


def _without_user(draft: Draft) -> Draft:
    """Return the draft with the user of its URL in a header, which leaves the case as a secret."""
    if (found := _USER.match(draft.url)) is None:
        return draft
    kind = Expression if isinstance(draft.url, Expression) else str
    url, headers = kind(_USER.sub(r"\1", draft.url)), draft.headers
    if not any(name.lower() == "authorization" for name, _ in headers):
        headers = [*headers, ("Authorization", basic(found[2], found[3] or ""))]
    return replace(draft, url=url, headers=headers)


def _written(draft: Draft, base: str, parts: CaseParts) -> list[dict[str, Any]]:
    """Return the steps of a request, or none with a note if it cannot be written."""
    try:
        steps = list(_steps(draft, base, parts))
        _refuse_unwritable(steps)
    except DAMAGE as error:
        parts.notes.add(f"left out: {reason(error)}", step=draft.name)
        return []
    return steps


def _refuse_unwritable(tree: Any, depth: int = 0) -> None:
    """Raise ValueError for what JSON can hold and a case cannot."""
    if isinstance(tree, str):
        tree.encode()  # fails for half a character
    inner = [*tree, *tree.values()] if isinstance(tree, dict) else tree
    if isinstance(inner, list):
        if depth > _DEEPEST:
            raise SourceError(0, "nested too deep")
        for item in inner:
            _refuse_unwritable(item, depth + 1)


def _steps(draft: Draft, base: str, parts: CaseParts) -> Iterator[dict[str, Any]]:
    if draft.pause >= _SHORTEST_PAUSE:
        yield {"name": "think", "think_time": {"time": round(draft.pause, 2)}}
    yield {
        "name": literal_tree(draft.name),
        "request": _request(draft, base, parts),
        **({"extract": literal_tree(dict(draft.extract))} if draft.extract else {}),
        "validate": [
            {check.assertion: Inline([literal_tree(check.search), literal_tree(check.expected)])}
            for check in _checks(draft)
        ],
    }


def _checks(draft: Draft) -> Sequence[Check]:
    """Return the checks of a request; one of the status is among them."""
    if any(check.search == "status_code" for check in draft.checks):
        return draft.checks
    if draft.status is None:
        return [Check("lt", "status_code", 400), *draft.checks]
    return [Check("eq", "status_code", draft.status), *draft.checks]


def _request(draft: Draft, base: str, parts: CaseParts) -> dict[str, Any]:
    _refuse_url(draft.url)
    headers, cookies = _headers(draft, parts.secrets)
    request = {
        "method": _method(draft.method),
        **_target(relative(_without_fragment(draft.url), base)),
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


def _refuse_url(url: str) -> None:
    """Raise SourceError for a URL that no case could send; variables show at run time only."""
    if isinstance(url, Expression):
        return
    try:
        as_written(url)
    except ValueError as error:
        raise SourceError(0, f"not a URL: {without_user(url)!r} ({error})") from error


def _method(method: str) -> str:
    if isinstance(method, Expression):
        return str(method)
    if not _METHOD.fullmatch(method):
        raise SourceError(0, f"{method!r} is not an HTTP method")
    name = method.upper()
    # A case takes an unknown name for a misspelt one, unless an expression gives it.
    return name if name in METHODS else f'${{str("{method}")}}'


def _without_empty(tree: Mapping[str, Any]) -> dict[str, Any]:
    bodies = ("data", "json")
    return {key: value for key, value in tree.items() if key in bodies or value not in ("", {})}


def _without_fragment(url: str) -> str:
    kind = Expression if isinstance(url, Expression) else str
    return kind(url.partition("#")[0])


def _target(url: str) -> dict[str, Any]:
    """Return URL and parameters separately, if that sends exactly the same URL."""
    path, _, query = url.partition("?")
    params = grouped(parse_qsl(query, keep_blank_values=True))
    if isinstance(url, Expression) or not _is_same_query(params, query):
        return {"url": literal_tree(url)}
    return {"url": literal_tree(path or "/"), "params": literal_tree(params)}


def _is_same_query(params: Mapping[str, Any], query: str) -> bool:
    pairs = list(pairs_of(params))
    return bool(pairs) and URL("http://host/").extend_query(pairs).raw_query_string == query


def _values(pairs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the pairs with literal values, for maps whose names are never expressions."""
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
    return literal_tree(found), _values(cookies)


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
