"""Turn the operations of Swagger 2.0 into the form of OpenAPI 3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..request.body import FORM_TYPE
from .document import Document, Tree

_STYLES = {"ssv": "spaceDelimited", "pipes": "pipeDelimited", "tsv": "tabDelimited"}
_OWN_KEYS = ("name", "in", "required", "description", "collectionFormat", "allowEmptyValue")
_MULTIPART = "multipart/form-data"


def is_swagger(tree: Tree) -> bool:
    return "swagger" in tree


def servers_of(tree: Tree) -> list[dict[str, Any]]:
    """Return the server that host, basePath and schemes name; HTTPS is preferred."""
    path, host = str(tree.get("basePath") or ""), str(tree.get("host") or "")
    path = path if path.startswith("/") or not path else f"/{path}"
    if not host:
        return [{"url": path}] if path else []
    schemes = [str(one) for one in tree.get("schemes") or () if str(one) in ("http", "https")]
    scheme = "https" if not schemes or "https" in schemes else schemes[0]
    return [{"url": f"{scheme}://{host}{path}"}]


def modern_operation(document: Document, operation: Tree, parameters: Sequence[Tree]) -> Tree:
    """Return the operation with the `requestBody` that its parameters describe."""
    types = operation.get("consumes", document.tree.get("consumes")) or ()
    types = [str(one) for one in types]
    fields = [one for one in parameters if one.get("in") == "formData"]
    body = next((one for one in parameters if one.get("in") == "body"), None)
    if fields:
        return {**operation, "requestBody": {"content": _form(fields, types)}}
    if body is None:
        return {key: value for key, value in operation.items() if key != "requestBody"}
    content = {kind: _media(body) for kind in types or ["application/json"]}
    return {**operation, "requestBody": {**body, "content": content}}


def modern_parameters(parameters: Sequence[Tree]) -> Iterator[Tree]:
    """Yield the parameters outside of the body; their type is a schema in OpenAPI 3."""
    for one in parameters:
        if one.get("in") in ("body", "formData"):
            continue
        way = one.get("collectionFormat", "csv")
        style: dict[str, Any] = {"explode": way == "multi"}
        if way in _STYLES and one.get("in") == "query":
            style["style"] = _STYLES[way]
        own = {key: one[key] for key in ("name", "in", "required") if key in one}
        yield {**own, **style, "schema": _schema(one)}


def modern_scheme(scheme: Tree) -> Tree:
    """Return a security scheme; the type basic is a scheme of HTTP in OpenAPI 3."""
    return {"type": "http", "scheme": "basic"} if scheme.get("type") == "basic" else scheme


def _schema(parameter: Tree) -> dict[str, Any]:
    return {key: value for key, value in parameter.items() if key not in _OWN_KEYS}


def _media(body: Tree) -> dict[str, Any]:
    shown = body.get("x-example", body.get("example"))
    examples = body.get("x-examples")
    if shown is None and isinstance(examples, Mapping) and examples:
        shown = next(iter(examples.values()))
    return {"schema": body.get("schema"), **({} if shown is None else {"example": shown})}


def _form(fields: Sequence[Tree], types: Sequence[str]) -> dict[str, Any]:
    """Return the content of a form; one with files is multipart (OpenAPI 2.0, "Parameter")."""
    properties = {}
    for one in fields:
        schema = _schema(one)
        is_file = schema.get("type") == "file"
        properties[one["name"]] = {"type": "string", "format": "binary"} if is_file else schema
    has_file = any(one.get("type") == "file" for one in fields)
    is_multipart = has_file or (_MULTIPART in types and FORM_TYPE not in types)
    required = [one["name"] for one in fields if one.get("required")]
    schema = {"type": "object", "properties": properties, "required": required}
    return {_MULTIPART if is_multipart else FORM_TYPE: {"schema": schema}}
