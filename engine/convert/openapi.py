"""Convert OpenAPI 3: a case per tag, with values from examples, defaults and schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from ..case.nodes import SourceError
from ..request.body import FORM_TYPE
from ..values.text import to_text
from .draft import Body, Draft, DraftCase, Expression, Field, File, Form, Json, Text, Upload
from .literal import joined
from .notes import Notes
from .schema import Document, Tree
from .secrets import Secrets

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_HOST = re.compile(r"https?://[^/]+", re.IGNORECASE)


def read_openapi(tree: Tree, secrets: Secrets, notes: Notes) -> list[DraftCase]:
    """Return a case per tag, and a case per operation without a tag.

    Raises SourceError if the document has no operations.
    """
    document = Document(tree, notes)
    base_url = _base_url(document, notes)
    cases: dict[str, DraftCase] = {}
    for operation in _operations(document):
        name = operation.tag or operation.name
        case = cases.setdefault(name, DraftCase(name=name, requests=[], base_url=base_url))
        writer = _Writer(document, secrets, notes, operation, case.variables)
        case.requests.append(writer.draft(base_url))
    if not cases:
        raise SourceError(0, "the document has no operations")
    return list(cases.values())


def _base_url(document: Document, notes: Notes) -> str:
    server: Tree = next(iter(document.tree.get("servers") or ()), {})
    url = str(server.get("url", ""))
    for name, variable in (server.get("variables") or {}).items():
        url = url.replace(f"{{{name}}}", to_text(variable.get("default", "")))
    if _HOST.match(url):
        return url.rstrip("/")
    notes.add("no server with a host is named", "write base_url, or give the command --base-url")
    return f"http://127.0.0.1{'/' + url.strip('/') if url.strip('/') else ''}"


@dataclass(frozen=True, slots=True)
class _Operation:
    """One method of one path; `parameters` are those of method and path, by place and name."""

    method: str
    path: str
    tree: Tree
    parameters: Mapping[tuple[str, str], Tree]

    @property
    def name(self) -> str:
        given = self.tree.get("summary") or self.tree.get("operationId")
        return str(given or f"{self.method.upper()} {self.path}")

    @property
    def tag(self) -> str:
        return str(next(iter(self.tree.get("tags") or ()), ""))


def _operations(document: Document) -> Iterator[_Operation]:
    for path, item in (document.tree.get("paths") or {}).items():
        shared = document.follow(item)
        for method in (one for one in _METHODS if one in shared):
            tree = shared[method]
            listed = [*(shared.get("parameters") or ()), *(tree.get("parameters") or ())]
            parameters = [document.follow(one) for one in listed]
            by_name = {(one.get("in", ""), one.get("name", "")): one for one in parameters}
            yield _Operation(method, path, tree, by_name)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes one operation as a request; values in its path become variables of the case."""

    document: Document
    secrets: Secrets
    notes: Notes
    operation: _Operation
    variables: dict[str, Any] = field(default_factory=dict)

    def draft(self, base_url: str) -> Draft:
        operation = self.operation
        body, content_type = self._body()
        added = list(self._security())
        headers = [(name, text) for place, name, text in added if place == "header"]
        headers += self._values("header")
        cookies = [(n, v) for place, n, v in added if place == "cookie"] + self._values("cookie")
        headers += [("Cookie", joined(name, "=", text)) for name, text in cookies]
        headers += [("Content-Type", content_type)] if content_type else []
        query = self._values("query") + [(n, v) for place, n, v in added if place == "query"]
        url = joined(base_url, self._path())
        for at, (name, value) in enumerate(query):
            encoded = value if isinstance(value, Expression) else quote(value, safe="")
            url = joined(url, "&" if at else "?", quote(name, safe=""), "=", encoded)
        return Draft(
            name=operation.name,
            method=operation.method,
            url=url,
            headers=headers,
            body=body,
            status=self._status(),
        )

    def _status(self) -> int | None:
        codes = map(str, self.operation.tree.get("responses") or ())
        return next((int(code) for code in codes if re.fullmatch("[23][0-9][0-9]", code)), None)

    def _path(self) -> str:
        pieces = re.split(r"(\{[^{}/]+\})", self.operation.path)
        return joined(*(self._piece(piece) for piece in pieces))

    def _piece(self, piece: str) -> str:
        if not piece.startswith("{"):
            return piece
        parameter = self.operation.parameters.get(("path", piece[1:-1]), {})
        return self._variable(piece[1:-1], self._value(parameter))

    def _variable(self, name: str, value: Any) -> Expression:
        """Add a variable with this value, under a name that no other value of the case has."""
        base = free = re.sub(r"\W", "_", name, flags=re.ASCII)
        number = 1
        while self.variables.get(free, value) != value:
            number += 1
            free = f"{base}_{number}"
        self.variables[free] = value
        return Expression(f"${{{free}}}")

    def _values(self, place: str) -> list[tuple[str, str]]:
        """Return the parameters of one place that are required or have an example."""
        found = []
        for (where, name), parameter in self.operation.parameters.items():
            is_shown = "example" in parameter or "examples" in parameter
            if where == place and (parameter.get("required") or is_shown):
                value = self._value(parameter)
                items = value if isinstance(value, list) else [value]
                found += [(name, to_text(item)) for item in items]
        return found

    def _value(self, parameter: Tree) -> Any:
        """Return the example of a parameter or body, else a value that fits its schema."""
        if "example" in parameter:
            return parameter["example"]
        for example in (parameter.get("examples") or {}).values():
            if "value" in (found := self.document.follow(example)):
                return found["value"]
        if not parameter.get("schema") and parameter.get("content"):
            return self._value(next(iter(parameter["content"].values())))
        value = self.document.sample(parameter.get("schema"))
        return "value" if value is None else value

    def _body(self) -> tuple[Body | None, str]:
        """Return the body and its content type; JSON is preferred to other types."""
        content = self.document.follow(self.operation.tree.get("requestBody")).get("content") or {}
        if not content:
            return None, ""
        kind = next((one for one in content if "json" in one.lower()), next(iter(content)))
        value = self._value(content[kind])
        if "json" in kind.lower():
            return Json(value), kind
        if kind == FORM_TYPE and isinstance(value, Mapping):
            return Form([(name, to_text(item)) for name, item in value.items()]), kind
        if kind.startswith("multipart/") and isinstance(value, Mapping):
            return Upload(list(self._fields(content[kind], value))), ""
        return Text(to_text(value)), kind

    def _fields(self, media: Tree, value: Tree) -> Iterator[tuple[str, Field]]:
        schema = self.document.follow(media.get("schema"))
        for name, item in value.items():
            kind = self.document.follow((schema.get("properties") or {}).get(name))
            is_file = kind.get("format") == "binary" or "contentMediaType" in kind
            yield name, File(str(name)) if is_file else to_text(item)

    def _security(self) -> Iterator[tuple[str, str, str]]:
        """Yield place, name and value of every credential that the first security entry needs."""
        ways = self.operation.tree.get("security", self.document.tree.get("security")) or [{}]
        schemes = (self.document.tree.get("components") or {}).get("securitySchemes") or {}
        for name in ways[0]:
            scheme = self.document.follow(schemes.get(name))
            kind, way = scheme.get("type"), str(scheme.get("scheme", "")).lower()
            if kind == "apiKey":
                key = str(scheme.get("name", ""))
                yield str(scheme.get("in")), key, self._secret(key)
            elif kind in ("oauth2", "openIdConnect") or way == "bearer":
                yield "header", "Authorization", joined("Bearer ", self._secret("token"))
            elif way == "basic":
                yield "header", "Authorization", joined("Basic ", self._secret("basic_auth"))
            else:
                self.notes.add(f"security scheme {name} is not converted")

    def _secret(self, name: str) -> str:
        reference = self.secrets.reference(name, "")
        self.notes.add(f"{reference} has no value yet", "write it into the .env")
        return reference
