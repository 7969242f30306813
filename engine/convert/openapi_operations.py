"""Find the operations of an OpenAPI document, all in the form of OpenAPI 3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from .damage import DAMAGE, reason
from .document import Document, Tree
from .swagger import is_swagger, modern_operation, modern_parameters

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


class Operation(Struct, frozen=True):
    """One method of one path; `parameters` are those of method and path, by place and name."""

    method: str
    path: str
    tree: Tree
    parameters: Mapping[tuple[str, str], Tree]
    servers: Any
    name: str
    tag: str


def operations(document: Document) -> Iterator[Operation]:
    """Yield every operation; notes tell of those that are damaged."""
    for path, item in document.follow(document.tree.get("paths")).items():
        shared = document.at(path).follow(item)
        for method in (one for one in _METHODS if one in shared):
            step = document.at(f"{method.upper()} {path}")
            try:
                yield _operation(step, method, path, shared)
            except DAMAGE as error:
                step.notes.add(f"left out: {reason(error)}")


def _operation(document: Document, method: str, path: str, shared: Tree) -> Operation:
    tree = document.follow(shared[method])
    if not isinstance(shared[method], Mapping):
        raise TypeError("an operation must be a map")
    name = _name(tree, method, path)
    document = document.at(name)
    listed = [*(shared.get("parameters") or ()), *(tree.get("parameters") or ())]
    parameters = list(filter(None, map(document.follow, listed)))
    if is_swagger(document.tree):
        tree = modern_operation(document, tree, parameters)
        parameters = list(modern_parameters(parameters))
    return Operation(
        method=method,
        path=path,
        tree=tree,
        parameters={(str(one.get("in")), str(one.get("name"))): one for one in parameters},
        servers=tree.get("servers") or shared.get("servers"),
        name=name,
        tag=str(next(iter(tree.get("tags") or ()), "")),
    )


def _name(tree: Tree, method: str, path: str) -> str:
    given = tree.get("summary") or tree.get("operationId")
    return str(given or f"{method.upper()} {path}").strip()
