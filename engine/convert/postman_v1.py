"""Turn a Postman collection of version 1 into the form of version 2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .damage import DAMAGE

Tree = Mapping[str, Any]

_HELPERS = {
    "basicAuth": ("basic", {"username": "username", "password": "password"}),
    "bearerAuth": ("bearer", {"token": "token"}),
    "apikeyAuth": ("apikey", {"key": "key", "value": "value", "in": "in"}),
}
_MODES = {"params": "formdata", "urlencoded": "urlencoded", "binary": "file"}
_SCRIPTS = {"preRequestScript": "prerequest", "tests": "test"}


def modern(tree: Tree) -> dict[str, Any]:
    """Return the collection; its requests keep their order and their folders."""
    requests = {_id(one, at): one for at, one in enumerate(tree.get("requests") or ())}
    folders = {_id(one, at): one for at, one in enumerate(tree.get("folders") or ())}
    items = list(_items(tree, requests, folders))
    # Requests that no folder lists come last, so that none is lost.
    items += [_item(one) for one in requests.values()]
    return {
        "info": {"name": tree.get("name")},
        "item": items,
        "variable": tree.get("variables") or tree.get("variable") or [],
        "auth": tree.get("auth"),
        "event": _events(tree),
    }


def _id(tree: Any, at: int) -> Any:
    return tree.get("id", at) if isinstance(tree, Mapping) else at


def _items(
    parent: Tree, requests: dict[Any, Any], folders: dict[Any, Any]
) -> Iterator[dict[str, Any]]:
    """Yield what a folder lists; each request and folder is taken out of those that are left."""
    listed = parent.get("folders_order")
    if listed is None:
        own = parent.get("id") if "requests" not in parent else None
        listed = [key for key, one in folders.items() if _parent(one) == own]
    for key in listed:
        folder = folders.pop(key, None)
        if isinstance(folder, Mapping):
            inner = list(_items(folder, requests, folders))
            yield {
                "name": folder.get("name"),
                "item": inner,
                "auth": folder.get("auth"),
                "event": _events(folder),
            }
    for key in parent.get("order") or ():
        if key in requests:
            yield _item(requests.pop(key))


def _parent(folder: Any) -> Any:
    return folder.get("folder") or folder.get("folderId") if isinstance(folder, Mapping) else None


def _item(request: Any) -> dict[str, Any]:
    if not isinstance(request, Mapping):
        return {"name": str(request), "request": None}
    try:
        return {
            "name": request.get("name"),
            "request": _request(request),
            "event": _events(request),
            "response": [{"code": code} for code in _codes(request)][:1],
        }
    except DAMAGE:
        return {"name": request.get("name"), "request": None}


def _request(request: Tree) -> dict[str, Any]:
    variables = request.get("pathVariables") or {}
    listed = request.get("pathVariableData") or [
        {"key": key, "value": value} for key, value in variables.items()
    ]
    headers = request.get("headerData") or request.get("headers") or ""
    return {
        "method": request.get("method"),
        "url": {"raw": request.get("url") or "", "variable": listed},
        "header": _lines(headers),
        "body": _body(request),
        "auth": request.get("auth") or _auth(request),
    }


def _lines(headers: Any) -> Any:
    """Return the headers without the lines that `//` turns off."""
    if not isinstance(headers, str):
        return headers
    lines = headers.splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("//"))


def _body(request: Tree) -> dict[str, Any]:
    mode, data = request.get("dataMode"), request.get("data")
    if mode == "raw":
        raw = request.get("rawModeData") or data
        text = "".join(map(str, raw)) if isinstance(raw, list) else raw
        return {"mode": "raw", "raw": text, "options": request.get("dataOptions")}
    if mode == "graphql":
        return {"mode": "graphql", "graphql": request.get("graphqlModeData") or {}}
    if mode in _MODES and isinstance(data, list) and data:
        pairs = [{**one, "disabled": one.get("enabled", True) is False} for one in data]
        return {"mode": _MODES[mode], _MODES[mode]: pairs}
    return {}


def _auth(request: Tree) -> dict[str, Any] | None:
    helper = request.get("currentHelper")
    if not helper or helper == "normal":
        return None
    kind, names = _HELPERS.get(helper, (str(helper), {}))
    attributes = request.get("helperAttributes") or {}
    return {"type": kind, kind: {new: attributes.get(old) for old, new in names.items()}}


def _events(owner: Tree) -> list[dict[str, Any]]:
    if owner.get("events"):
        return list(owner["events"])
    return [
        {"listen": listen, "script": {"exec": owner[key]}}
        for key, listen in _SCRIPTS.items()
        if owner.get(key)
    ]


def _codes(request: Tree) -> Iterator[int]:
    for response in request.get("responses") or ():
        code = (response.get("responseCode") or {}).get("code")
        if isinstance(code, int):
            yield code
