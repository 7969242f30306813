"""Convert OpenAPI 3 and Swagger 2.0: a case per tag, and one per operation without a tag."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ..case.nodes import SourceError
from ..values.text import to_text
from .damage import DAMAGE, reason
from .document import Document, Library, Tree
from .draft import DraftCase
from .notes import Notes
from .openapi_operations import Operation, operations
from .openapi_request import RequestWriter
from .secrets import Secrets
from .swagger import is_swagger, servers_of

_HOST = re.compile(r"https?://[^/]+", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def read_openapi(tree: Tree, folder: Path, secrets: Secrets, notes: Notes) -> list[DraftCase]:
    """Return the cases; files that the document refers to are read beside it, in `folder`.

    Raises SourceError if the document has no operations.
    """
    _refuse_versions(tree)
    document = Document(tree, Library(folder), notes)
    base_url = _base_url(document)
    cases: dict[str, DraftCase] = {}
    for operation in operations(document):
        name = operation.tag or operation.name
        case = cases.setdefault(name, DraftCase(name=name, requests=[], base_url=base_url))
        own = document.at(operation.name)
        try:
            base = _own_base(own, operation, base_url)
            case.requests.append(RequestWriter(own, secrets, operation, case.variables).draft(base))
        except DAMAGE as error:
            own.notes.add(f"left out: {reason(error)}")
    if not cases:
        raise SourceError(0, "the document has no operations")
    for key in ("webhooks", "x-webhooks"):
        for name in document.follow(tree.get(key)):
            notes.add(f"webhook {name} is not converted: the API sends it")
    return [case for case in cases.values() if case.requests]


def _refuse_versions(tree: Tree) -> None:
    key = "swagger" if is_swagger(tree) else "openapi"
    version = to_text(tree[key])
    if not version.startswith("2" if key == "swagger" else "3"):
        raise SourceError(0, f"{key} {version} is not known", "OpenAPI 3 and Swagger 2.0 are")


def _base_url(document: Document) -> str:
    tree = document.tree
    servers = servers_of(tree) if is_swagger(tree) else tree.get("servers")
    url = _server(document, servers)
    if _HOST.match(url):
        return url.rstrip("/")
    hint = "write base_url, or give the command --base-url"
    document.notes.add("no server with a host is named", hint)
    return f"http://127.0.0.1{'/' + url.strip('/') if url.strip('/') else ''}"


def _own_base(document: Document, operation: Operation, base_url: str) -> str:
    """Return the base of an operation, which may have servers of its own."""
    if not operation.servers:
        return base_url
    url = _server(document, operation.servers)
    if _HOST.match(url):
        return url.rstrip("/")
    origin = _HOST.match(base_url)
    return f"{origin[0] if origin else base_url}/{url.strip('/')}".rstrip("/")


def _server(document: Document, servers: Any) -> str:
    """Return the URL of the first server for HTTP; it may lack a host."""
    urls = [_server_url(document.follow(one)) for one in servers or ()]
    wanted = (url for url in urls if _HOST.match(url) or not _SCHEME.match(url))
    return next(wanted, "")


def _server_url(server: Tree) -> str:
    url = str(server.get("url", ""))
    for name, variable in (server.get("variables") or {}).items():
        value = variable.get("default") or next(iter(variable.get("enum") or ()), name)
        url = url.replace(f"{{{name}}}", to_text(value))
    # A name without a value is no part of a host (RFC 3986, 3.2.2): the plain name stands for it.
    url = re.sub(r"[{}<>]", "", url)
    return f"https:{url}" if url.startswith("//") else url
